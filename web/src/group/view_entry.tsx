/** Before one comes into a group that is open: what it is, who reads what, and a name. State in, callbacks out. */

import { data_notice } from "../client/notice.ts";
import { Heading, Lines } from "../client/parts.tsx";
import { plural, tr } from "../i18n/texts.ts";
import { Form } from "../views/forms.tsx";
import { Alone, Deleted } from "./parts.tsx";
import type { Props } from "./props.ts";
import { end_text } from "./times.ts";

export function Entry(props: Props) {
  const { state, actions, now } = props;
  const { description, group, lost, problems, awaited } = state;
  if (!description || !group) return null;
  const { consent, texts } = description;
  const own = (name: string, label: string, kind: string, required = true) => {
    return { name, label, kind, required };
  };
  return (
    <div class="panel">
      <Heading>
        <bdi>{group.name}</bdi>
      </Heading>
      <Deleted {...props} />
      {lost && <p class="notice">{tr("You are not in this group any more. You can come in anew.")}</p>}
      <p class="soft">
        {end_text(group.ends_at, now)}.{" "}
        {group.clients > 0 &&
          plural(group.clients, "{count} person is in the group.", "{count} people are in the group.")}
      </p>
      <Lines text={group.text} />
      <Form
        questions={[]}
        problems={problems}
        awaited={awaited}
        button={tr("Come in")}
        on_problems={(problems) => actions.correct(problems)}
        on_filled={(data) =>
          actions.enter({ name: String(data.get("name")).trim(), consent: data.has("consent") })
        }
        first={[
          {
            ...own("name", tr("What may we call you here?"), "text"),
            longest: 80,
            help: tr("Everybody in the group sees this name. Choose one by which nobody knows you."),
          },
        ]}
        last={consent ? [own("consent", consent.text, "consent", consent.required)] : []}
      >
        <Lines text={texts.notice} />
        <p class="soft after" dir="auto">
          {data_notice({ ...description, notice: description.group_notice }, readers_text())}
        </p>
      </Form>
      <Alone {...props} />
    </div>
  );
}

/** Who reads what is written in a group. */
function readers_text(): string[] {
  return [
    tr("Everybody in the group reads what you write, also who comes later."),
    tr("You can delete what you said at any time."),
  ];
}
