/** The conversation as its client sees it, from waiting to what is asked afterwards. State in, callbacks out. */

import { Missing } from "../client/parts.tsx";
import { Talk } from "../client/talk.tsx";
import type { RoomState } from "../state/room.ts";
import type { Props } from "./props.ts";

export function RoomScreen(props: Props & { room: RoomState }) {
  const { room, rare } = props;
  return (
    <div class={`talk ${room.status === "closed" ? "over" : ""}`}>
      {rare ? <rare.Around {...props} /> : <Missing {...props} />}
      <Talk {...props} Correction={rare?.Correction} />
    </div>
  );
}
