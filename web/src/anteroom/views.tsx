/** What the client sees: in goes the state, out come what the client does. One function per screen; no I/O. */

import { Component, type ComponentChildren, createRef } from "preact";
import { plural, tr } from "../i18n/texts.ts";
import type { AnteroomState } from "../state/anteroom.ts";
import { type RoomState, undelivered } from "../state/room.ts";
import type { Question } from "../state/types.ts";
import { Composer } from "../views/composer.tsx";
import { Log, TypingLine } from "../views/log.tsx";
import { AskingButton, ConnectionLine } from "../views/parts.tsx";

export interface AnteroomActions {
  enter: (name: string, answers: Record<string, string>) => void;
  say: (text: string) => void;
  types: (draft: string) => void;
  draft: () => string;
  try_again: (nonce: string) => void;
  give_up: (nonce: string) => void;
  fetch_earlier: () => void;
  leave: () => void;
  start_again: () => void;
}

interface Props {
  state: AnteroomState;
  organisation: string;
  now: Date;
  actions: AnteroomActions;
}

export function AnteroomView(props: Props) {
  const { state, actions } = props;
  const organisation = state.description?.organisation ?? props.organisation;
  const talking = state.screen === "room" && state.room?.status !== "closed";
  return (
    <div class="frame">
      <header class="frame-top">
        <h1>
          <bdi>{organisation}</bdi>
        </h1>
        {talking && (
          <AskingButton
            question={tr("End this conversation? You will not be able to come back to it.")}
            yes={tr("End it")}
            no={tr("Stay")}
            on_yes={actions.leave}
          >
            {tr("End conversation")}
          </AskingButton>
        )}
      </header>
      <main id="main" class="frame-main" data-screen={state.screen}>
        <Screen {...props} />
      </main>
      {state.screen !== "ended" && state.screen !== "unknown" && state.screen !== "loading" && (
        <footer class="frame-foot">
          <ConnectionLine link={state.link} undelivered={state.room ? undelivered(state.room) : 0} />
        </footer>
      )}
    </div>
  );
}

function Screen(props: Props) {
  const { state, actions } = props;
  switch (state.screen) {
    case "loading":
      return (
        <Panel title={state.link.offline ? tr("You are offline") : tr("One moment …")}>
          {state.link.status === "waiting" && (
            <p>{tr("We cannot be reached just now. This page keeps trying.")}</p>
          )}
        </Panel>
      );
    case "form":
      return <EntryForm {...props} />;
    case "room":
      return state.room ? <RoomScreen {...props} room={state.room} /> : null;
    case "ended":
      return (
        <Panel title={tr("You have left the conversation")} focus>
          <p>{tr("Thank you for writing. You can come back at any time.")}</p>
          <button type="button" class="button primary" onClick={actions.start_again}>
            {tr("Start again")}
          </button>
        </Panel>
      );
    case "closed":
      return (
        <Panel title={tr("We are closed at the moment")}>
          <p>{tr("Nobody can answer just now. Please come back later.")}</p>
          <p class="soft">{tr("This page opens by itself when somebody is here.")}</p>
        </Panel>
      );
    case "unknown":
      return (
        <Panel title={tr("There is nobody here")}>
          <p>
            This address does not belong to any organisation, or no longer does. Please check the link you
            came by.
          </p>
        </Panel>
      );
  }
}

function Panel({ title, focus, children }: { title: string; focus?: boolean; children?: ComponentChildren }) {
  return (
    <div class="panel">
      <Heading focus={focus === true}>{title}</Heading>
      {children}
    </div>
  );
}

/** When the button somebody pressed is gone with its screen, the focus goes to the new screen's heading. */
class Heading extends Component<{ focus: boolean; children: ComponentChildren }> {
  private readonly heading = createRef<HTMLHeadingElement>();

  override componentDidMount(): void {
    if (this.props.focus && document.activeElement === document.body) this.heading.current?.focus();
  }

  override render() {
    return (
      <h2 ref={this.heading} tabIndex={-1}>
        {this.props.children}
      </h2>
    );
  }
}

class EntryForm extends Component<Props> {
  private readonly form = createRef<HTMLFormElement>();

  override componentDidUpdate(before: Props): void {
    // Somebody pressed "Start": show them the first thing to correct.
    if (before.state.problems !== this.props.state.problems) {
      this.form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
    }
  }

  override render() {
    const { description, problems, lost, entering } = this.props.state;
    if (!description) return <div />;
    const { waiting, questions, notice } = description;
    return (
      <form class="panel" ref={this.form} onSubmit={this.submit} noValidate>
        <h2>{tr("Talk with somebody")}</h2>
        {lost && (
          <p class="notice">
            {tr("Your earlier conversation could not be found any more. You can start a new one.")}
          </p>
        )}
        <p class="soft">
          {waiting === 0
            ? tr("Nobody is waiting before you.")
            : plural(
                waiting,
                "{count} person is waiting before you.",
                "{count} people are waiting before you.",
              )}
        </p>
        <QuestionField
          question={{ name: "name", label: tr("What may we call you?"), kind: "text", required: true }}
          field="name"
          hint={tr("Any name will do; it need not be your own.")}
          problem={problems.name}
        />
        {questions.map((question) => (
          <QuestionField
            key={question.name}
            question={question}
            field={`answers.${question.name}`}
            problem={problems[`answers.${question.name}`]}
          />
        ))}
        {problems[""] && (
          <p class="notice error" role="alert">
            {problems[""]}
          </p>
        )}
        <button type="submit" class="button primary wide" aria-disabled={entering}>
          {entering ? tr("Starting …") : tr("Start")}
        </button>
        {notice && <p class="soft after">{notice}</p>}
      </form>
    );
  }

  private submit = (event: Event): void => {
    event.preventDefault();
    const { state, actions } = this.props;
    if (!this.form.current || state.entering) return;
    const data = new FormData(this.form.current);
    const value = (field: string) => String(data.get(field) ?? "").trim();
    const answers: Record<string, string> = {};
    for (const { name } of state.description?.questions ?? []) {
      if (value(`answers.${name}`)) answers[name] = value(`answers.${name}`);
    }
    actions.enter(value("name"), answers);
  };
}

function QuestionField({
  question,
  field,
  hint,
  problem,
}: {
  question: Question;
  field: string;
  hint?: string;
  problem?: string | undefined;
}) {
  const { label, kind, required, choices } = question;
  const id = `field-${field}`;
  const described = [hint && `${id}-hint`, problem && `${id}-problem`].filter(Boolean).join(" ");
  const common = {
    id,
    name: field,
    required,
    "aria-describedby": described || undefined,
    "aria-invalid": problem ? ("true" as const) : undefined,
  };
  return (
    <div class="field">
      <label for={id}>
        {label} {!required && <span class="optional">{tr("(optional)")}</span>}
      </label>
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {kind === "choice" ? (
        <select {...common}>
          <option value="">{required ? tr("Please choose") : tr("No answer")}</option>
          {choices?.map((choice) => (
            <option key={choice}>{choice}</option>
          ))}
        </select>
      ) : kind === "long_text" ? (
        <textarea {...common} rows={3} />
      ) : (
        <input {...common} type="text" autocomplete="off" />
      )}
      {problem && (
        <p class="problem" id={`${id}-problem`}>
          {problem}
        </p>
      )}
    </div>
  );
}

function RoomScreen({ state, room, now, actions }: Props & { room: RoomState }) {
  const closed = room.status === "closed";
  return (
    <div class="talk">
      {closed ? (
        <div class="notice">
          <Heading focus={false}>{tr("This conversation has ended")}</Heading>
          <p>{tr("Thank you for writing. You can read it here until you leave this page.")}</p>
          <button type="button" class="button primary" onClick={actions.start_again}>
            {tr("Start again")}
          </button>
        </div>
      ) : (
        room.status === "waiting" && <Waiting position={state.place?.position ?? null} />
      )}
      <Log
        room={room}
        now={now}
        on_earlier={actions.fetch_earlier}
        on_try_again={actions.try_again}
        on_given_up={actions.give_up}
      />
      {!closed && (
        <>
          <TypingLine room={room} />
          <Composer
            key={room.room}
            id="composer"
            label={tr("Your message")}
            draft={actions.draft()}
            on_draft={actions.types}
            on_send={actions.say}
          />
        </>
      )}
    </div>
  );
}

function Waiting({ position }: { position: number | null }) {
  return (
    <div class="notice waiting">
      <div role="status">
        <Heading focus>
          {position === null
            ? tr("You are in line")
            : position === 1
              ? tr("You are next in line")
              : tr("You are number {position} in line", { position })}
        </Heading>
      </div>
      <p>{tr("Somebody will be with you as soon as possible. You can already write what it is about.")}</p>
    </div>
  );
}
