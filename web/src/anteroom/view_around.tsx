/** What stands above a conversation: one's place while one waits, and the ways out and back. State in, callbacks out. */

import { Heading, Lines } from "../client/parts.tsx";
import { tr } from "../i18n/texts.ts";
import type { RoomState } from "../state/room.ts";
import { AskingButton } from "../views/asking_button.tsx";
import { save } from "../views/transcript.ts";
import { can_vibrate } from "./calls.ts";
import { here_text } from "./facts.ts";
import { limits_text, rest_text } from "./limits.ts";
import type { Props } from "./props.ts";
import { Over } from "./view_farewell.tsx";
import { WayBack } from "./view_way_back.tsx";

export function Around(props: Props & { room: RoomState }) {
  const { status } = props.room;
  const { return_code, place } = props.state;
  const closed = status === "closed";
  const waits = status === "waiting";
  return (
    <>
      {closed && <Over {...props} />}
      {(waits || return_code || place?.appointment) && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        <section class="above" tabIndex={0} aria-label={tr("What is important now")}>
          {waits && <Waiting {...props} />}
          <WayBack {...props} />
        </section>
      )}
      <Doors {...props} closed={closed} />
    </>
  );
}

function Waiting(props: Props) {
  const { state, now } = props;
  const { place, placed_at, description } = state;
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
            {here_text(here)} {rest_text(estimate, placed_at, now)}
          </p>
          <p role="status">{limits_text(description, now)}</p>
          <Lines text={description?.texts.waiting} />
          <Wishes {...props} />
        </>
      )}
    </div>
  );
}

/** How to be called. */
function Wishes({ calls, draw }: Props) {
  const box = (kind: "sound" | "vibration", text: string) => (
    <label class="calls">
      <input
        type="checkbox"
        checked={calls?.[kind]}
        onChange={(event) => {
          calls?.wish(kind, event.currentTarget.checked);
          draw();
        }}
      />
      {text}
    </label>
  );
  return (
    <>
      {box("sound", tr("Call me with a sound"))}{" "}
      {can_vibrate() && box("vibration", tr("Call me with a vibration"))}
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
      <button type="button" class="button link" onClick={() => actions.save(save)}>
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
