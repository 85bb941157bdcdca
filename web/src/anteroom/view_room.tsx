/** The conversation as its client sees it, from waiting to what is asked afterwards. State in, callbacks out. */

import { Heading, Lines } from "../client/parts.tsx";
import { Talk } from "../client/talk.tsx";
import { tr } from "../i18n/texts.ts";
import type { RoomState } from "../state/room.ts";
import { AskingButton } from "../views/parts.tsx";
import { limits_text, wait_text } from "./facts.ts";
import type { Props } from "./props.ts";

export function RoomScreen(props: Props & { room: RoomState }) {
  const { room, rare } = props;
  const closed = room.status === "closed";
  return (
    <div class={`talk ${closed ? "over" : ""}`}>
      {closed
        ? rare && <rare.Over {...props} room={room} />
        : room.status === "waiting" && <Waiting {...props} />}
      {rare && <rare.WayBack {...props} />}
      <Doors {...props} closed={closed} />
      <Talk {...props} Correction={rare?.Correction} />
    </div>
  );
}

function Waiting({ state, caller, now, actions }: Props) {
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
              onChange={(event) => {
                caller.allow(event.currentTarget.checked);
                actions.calls(caller.allowed);
              }}
            />
            {tr("Call me with a sound")}
          </label>
        </>
      )}
    </div>
  );
}

/** The ways out of the conversation: for now, and for good; and what one takes along. */
function Doors({ state, actions, closed, rare }: Props & { closed: boolean }) {
  return (
    <div class="doors">
      {!closed && !state.return_code && (
        <button type="button" class="button link" onClick={() => actions.make_return_code()}>
          {tr("Get a return code")}
        </button>
      )}
      {rare && (
        <button type="button" class="button link" onClick={() => actions.save(rare.save)}>
          {tr("Save on this device")}
        </button>
      )}
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
