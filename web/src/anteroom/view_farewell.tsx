/** After the end, whoever brought it about: a few questions, a new beginning, deleting. State in, callbacks out. */

import { Others } from "../client/others.tsx";
import { Heading, Lines } from "../client/parts.tsx";
import { tr } from "../i18n/texts.ts";
import type { RoomState } from "../state/room.ts";
import { AskingButton } from "../views/asking_button.tsx";
import { Form } from "../views/forms.tsx";
import { Unsent } from "../views/unsent.tsx";
import type { Props } from "./props.ts";

/** Where what was said is still before one's eyes. */
export function Over(props: Props & { room: RoomState }) {
  const { state, room, actions } = props;
  const dismissed = room.messages.some((one) => one.kind === "dismissed");
  return (
    <div class="panel">
      <Heading>{tr("This conversation has ended.")}</Heading>
      <Unsent text={actions.draft} />
      {dismissed && <Lines text={state.description?.texts.closed} />}
      {dismissed && <Others elsewhere={state.description?.elsewhere ?? []} />}
      <Farewell {...props} />
    </div>
  );
}

/** What one can still do, deleting too for who does not want to wait for it. */
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
        {/* Not the one that asked whether to end it, which may stand here in the document. */}
        <AskingButton
          key="delete"
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
