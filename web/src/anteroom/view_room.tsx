/** The conversation as its client sees it, from waiting to what is asked afterwards. State in, callbacks out. */

import { Heading, Lines, Others } from "../client/parts.tsx";
import { Talk } from "../client/talk.tsx";
import { tr } from "../i18n/texts.ts";
import type { RoomState } from "../state/room.ts";
import { Form } from "../views/forms.tsx";
import { AskingButton } from "../views/parts.tsx";
import { appointment_text, limits_text, wait_text } from "./facts.ts";
import type { Props } from "./props.ts";

export function RoomScreen(props: Props & { room: RoomState }) {
  const { state, room } = props;
  const closed = room.status === "closed";
  const dismissed = room.messages.some((one) => one.kind === "dismissed");
  return (
    <div class={`talk ${closed ? "over" : ""}`}>
      {closed ? (
        <div class="panel">
          <Heading>{tr("This conversation has ended.")}</Heading>
          {dismissed && <Lines text={state.description?.texts.closed} />}
          {dismissed && <Others elsewhere={state.description?.elsewhere ?? []} />}
          <Farewell {...props} />
        </div>
      ) : (
        room.status === "waiting" && <Waiting {...props} />
      )}
      <WayBack {...props} />
      <Doors {...props} closed={closed} />
      <Talk {...props} />
    </div>
  );
}

function Waiting({ state, caller, now }: Props) {
  const { place, description } = state;
  if (!place) return <p class="notice">{tr("One moment …")}</p>;
  const { position, consultants_here: here, estimate } = place;
  return (
    <div class="notice waiting">
      <div role="status">
        <Heading>
          {position === null
            ? tr("We have your message")
            : position === 1
              ? tr("You are next in line")
              : tr("You are number {position} in line", { position })}
        </Heading>
      </div>
      {position === null ? (
        <p>{tr("Somebody will answer here. You can add to it.")}</p>
      ) : (
        <>
          <p>
            {tr("Somebody will be with you as soon as possible. You can already write what it is about.")}{" "}
            {wait_text(here, estimate)}
          </p>
          <p role="status">{limits_text(description, now)}</p>
          <Lines text={description?.texts.waiting} />
          <label class="calls">
            <input
              type="checkbox"
              checked={caller.allowed}
              onChange={(event) => caller.allow(event.currentTarget.checked)}
            />
            {tr("Call me with a sound")}
          </label>
        </>
      )}
    </div>
  );
}

/** Selects it too, so that one sees what was copied; works in other sites' frames. */
function copy_code(): void {
  getSelection()?.selectAllChildren(document.getElementById("return-code") as Node);
  document.execCommand("copy");
}

/** When to come again, and by what; both also after the end. */
function WayBack({ state }: Props) {
  const { return_code, place } = state;
  return (
    <>
      {place?.appointment && (
        <p class="notice" role="status">
          {appointment_text(place.appointment)}
        </p>
      )}
      {return_code && (
        <div class="notice">
          <p role="status">
            {tr("Your return code")}
            <strong id="return-code" dir="ltr">
              {return_code}
            </strong>
          </p>
          <p>{tr("Whoever has it can read this conversation. It is shown only this once.")}</p>
          <button type="button" class="button" onClick={copy_code}>
            {tr("Copy")}
          </button>
        </div>
      )}
    </>
  );
}

/** The ways out of the conversation: for now, and for good; and what one takes along. */
function Doors({ state, actions, closed }: Props & { closed: boolean }) {
  return (
    <div class="doors">
      {!closed && !state.return_code && (
        <button type="button" class="button link" onClick={() => actions.make_return_code()}>
          {tr("Get a return code")}
        </button>
      )}
      <button type="button" class="button link" onClick={() => actions.save()}>
        {tr("Save on this device")}
      </button>
      {!closed && (
        <AskingButton
          class="link"
          question={tr("End this conversation?")}
          yes={tr("End it")}
          no={tr("Stay")}
          on_yes={() => actions.leave()}
        >
          {tr("End conversation")}
        </AskingButton>
      )}
    </div>
  );
}

/** After the end, whoever brought it about: a few questions, a new beginning, and deleting for who does not want to wait for it. */
export function Farewell(props: Props) {
  const { state, actions } = props;
  const words = tr("Delete this conversation");
  return (
    <>
      <p>{tr("Thank you for writing. You can come back at any time.")}</p>
      <Survey {...props} />
      <div class="actions">
        <button type="button" class="button" onClick={() => actions.start_again()}>
          {tr("Start again")}
        </button>
        <AskingButton
          class="link"
          question={tr("Delete it for good, for everybody?")}
          yes={words}
          no={tr("Cancel")}
          on_yes={() => actions.delete_all()}
        >
          {words}
        </AskingButton>
      </div>
      {!state.survey && state.problems[""] && (
        <p class="problem" role="alert">
          {state.problems[""]}
        </p>
      )}
    </>
  );
}

/** A few questions afterwards, which nobody has to answer. */
function Survey({ state, actions }: Props) {
  const { survey, problems, awaited } = state;
  return (
    survey && (
      <section class="card">
        <h3>{tr("A few last questions")}</h3>
        <p class="soft">{tr("Your answers are kept apart from the conversation.")}</p>
        <Form
          questions={survey}
          problems={problems}
          awaited={awaited}
          button={tr("Send")}
          on_problems={(problems) => actions.correct(problems)}
          on_filled={(_, answers) => actions.answer_survey(answers)}
        />
        <button type="button" class="button link wide" onClick={() => actions.answer_survey({})}>
          {tr("Skip")}
        </button>
      </section>
    )
  );
}
