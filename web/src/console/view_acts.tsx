/** The buttons of the room in front, and the dialogs behind them: in go acts and the dialog that is open, out comes what is decided. State in, callbacks out. */

import { isolated, tr } from "../i18n/texts.ts";
import { group_of, name_of_room } from "../state/overview.ts";
import type { RoomState } from "../state/room.ts";
import type { DeskProps } from "./actions.ts";
import { type Act, acts_of } from "./acts.ts";
import { AppointmentDialog } from "./view_appointments.tsx";
import { BlockDialog } from "./view_blocks.tsx";
import { Dialog } from "./view_dialog.tsx";
import { GroupDialog } from "./view_group_dialog.tsx";
import { HandingDialog } from "./view_handing.tsx";
import { Menu } from "./view_menu.tsx";

/** Those that are seldom wanted stand below "More", if there are several. */
export function ActButtons(props: DeskProps & { room: RoomState }) {
  const acts = acts_of(props, props.room);
  const rare = acts.filter((one) => one.rare);
  const button = ({ id, name, kind, run }: Act, close: () => void, more = "") => (
    <button
      key={id}
      type="button"
      class={`button ${kind ?? ""} ${more}`}
      onClick={() => {
        close();
        run();
      }}
    >
      {name}
    </button>
  );
  return (
    <>
      {acts.filter((one) => !one.rare).map((act) => button(act, () => {}))}
      {rare.length > 1 ? (
        <Menu label={tr("More")}>{(close) => rare.map((act) => button(act, close))}</Menu>
      ) : (
        rare.map((act) => button(act, () => {}, "link"))
      )}
    </>
  );
}

export function RoomDialogs(props: DeskProps & { room: RoomState }) {
  const { state, room, actions } = props;
  const group = group_of(state, room.room);
  const plain_name = name_of_room(state, room.room);
  const name = isolated(plain_name);
  const on_done = () => actions.show_dialog(null);
  switch (state.dialog) {
    case "ask":
    case "over":
      return <HandingDialog {...props} what={state.dialog} on_done={on_done} />;
    case "appointment":
      return <AppointmentDialog {...props} room={room.room} name={plain_name} on_done={on_done} />;
    case "block":
      return <BlockDialog {...props} name={plain_name} on_done={on_done} />;
    case "change":
      return group ? <GroupDialog {...props} group={group} on_done={on_done} /> : null;
    case "take_over":
      return (
        <Question
          question={tr("Go on with {name} yourself? Who serves now leaves the chat.", { name })}
          yes={tr("Take over")}
          no={tr("Cancel")}
          on_yes={() => actions.take_over(room.room)}
          on_done={on_done}
        />
      );
    case "end":
      return (
        <Question
          question={
            group
              ? tr("End the group {name}? Nobody can write in it afterwards.", { name })
              : tr("End the chat with {name}? Nobody can write in it afterwards.", { name })
          }
          yes={group ? tr("End it for everybody") : tr("End the chat")}
          no={tr("Go on")}
          on_yes={() => actions.end(room.room)}
          on_done={on_done}
        />
      );
    case "leave":
      return (
        <Question
          question={tr("Leave the group {name}? Your colleagues go on.", { name })}
          yes={tr("Leave it")}
          no={tr("Stay")}
          on_yes={() => actions.leave_group(room.room)}
          on_done={on_done}
        />
      );
    default:
      return null;
  }
}

interface QuestionProps {
  question: string;
  yes: string;
  no: string;
  on_yes: () => void;
  on_done: () => void;
}

function Question({ question, yes, no, on_yes, on_done }: QuestionProps) {
  return (
    <Dialog title={question} untitled on_done={on_done}>
      {(close) => (
        <>
          <p>{question}</p>
          <div class="actions">
            <button type="button" class="button" onClick={close}>
              {no}
            </button>
            <button
              type="button"
              class="button danger"
              onClick={() => {
                close();
                on_yes();
              }}
            >
              {yes}
            </button>
          </div>
        </>
      )}
    </Dialog>
  );
}
