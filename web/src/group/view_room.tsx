/** The group as its clients see it: who is in it, what is said, and the ways out. State in, callbacks out. */

import { Missing } from "../client/parts.tsx";
import { Talk } from "../client/talk.tsx";
import { tr } from "../i18n/texts.ts";
import type { RoomState } from "../state/room.ts";
import { told_room } from "../views/group.ts";
import type { Props } from "./props.ts";

export function RoomScreen(props: Props & { room: RoomState }) {
  const { rare } = props;
  // Nobody is told how far others have read.
  const room = { ...told_room(props.room), seen: {}, delivered: {} };
  return (
    <div class={`talk ${room.status === "closed" ? "over" : ""}`}>
      {rare ? <rare.Around {...props} room={room} /> : <Missing {...props} />}
      <Talk
        room={room}
        now={props.now}
        actions={props.actions}
        Correction={rare?.Correction}
        silence={
          room.group?.muted && (
            <p class="notice muted">{tr("For a while only those who lead the group can write.")}</p>
          )
        }
      />
    </div>
  );
}
