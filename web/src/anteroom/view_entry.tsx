/** Before a conversation: who is here, who waits, what is asked, and what becomes of it. State in, callbacks out. */

import { data_notice } from "../client/notice.ts";
import { Heading, Lines } from "../client/parts.tsx";
import { plural, tr } from "../i18n/texts.ts";
import { Form } from "../views/forms.tsx";
import { here_text, readers_text, wait_text } from "./facts.ts";
import { COMING_BACK, NONE, OtherWays } from "./parts.tsx";
import type { Props } from "./props.ts";

export function Entry(props: Props) {
  const { description, lost } = props.state;
  if (!description) return null;
  const { waiting, estimate, consultants_here: here, texts, open } = description;
  return (
    <div class="panel">
      <Heading>{tr("Talk with somebody")}</Heading>
      {lost && (
        <p class="notice">
          {tr("Your earlier conversation could not be found any more. You can start a new one.")}
        </p>
      )}
      <Lines text={texts.welcome} />
      {props.rare && <props.rare.Turned {...props} />}
      <p class="soft" hidden={!open}>
        {here_text(here)} {wait_text(estimate)}{" "}
        {waiting === 0
          ? tr("Nobody is waiting before you.")
          : plural(
              waiting,
              "{count} person is waiting before you.",
              "{count} people are waiting before you.",
            )}
      </p>
      <EntryForm {...props} />
      <OtherWays {...props} />
    </div>
  );
}

/** What everybody is asked before anything else; `leaving`: for a message instead of a conversation. */
export function EntryForm({ state, actions, leaving }: Props & { leaving?: boolean }) {
  const { description, problems, awaited, asked } = state;
  if (!description) return null;
  const { questions, consent, texts } = description;
  const mine = asked !== COMING_BACK;
  const own = (name: string, label: string, kind = "text") => ({ name, label, kind, required: true });
  return (
    <Form
      questions={questions}
      problems={mine ? problems : NONE}
      awaited={mine && awaited}
      button={leaving ? tr("Send") : tr("Start")}
      keep={actions}
      on_input={() => actions.writes(true)}
      on_problems={(problems) => actions.correct(problems, leaving && "leave_message")}
      on_filled={(data, answers) => {
        const value = (name: string) => String(data.get(name) ?? "");
        actions.enter({
          // Nobody has to have a name; consultants still tell one client from another.
          name: value("name").trim() || `${tr("Visitor")} ${Date.now() % 1000}`,
          answers,
          ...(consent && { consent: data.has("consent") }),
          ...(leaving && { text: value("text") }),
        });
      }}
      first={[
        {
          ...own("name", tr("What may we call you?")),
          required: false,
          longest: 80,
          help: tr("Any name will do; it need not be your own."),
        },
        ...(leaving ? [{ ...own("text", tr("Your message"), "long_text"), longest: 5000 }] : []),
      ]}
      last={consent ? [{ ...own("consent", consent.text, "consent"), required: consent.required }] : []}
    >
      <Lines text={texts.notice} />
      <p class="soft after" dir="auto">
        {data_notice(
          leaving ? { ...description, notice: description.message_notice } : description,
          readers_text(description),
        )}
      </p>
    </Form>
  );
}
