/** The conversation as its client sees it, from waiting to what is asked afterwards. State in, callbacks out. */

import { Heading, Lines, Others } from "../client/parts.tsx";
import { Talk } from "../client/talk.tsx";
import { tr } from "../i18n/texts.ts";
import type { RoomState } from "../state/room.ts";
import { AskingButton } from "../views/parts.tsx";
import { appointment_text, limits_text, wait_text } from "./facts.ts";
import type { Props } from "./props.ts";

export function RoomScreen(props: Props & { room: RoomState }) {
  const { state, room, rare } = props;
  const closed = room.status === "closed";
  const dismissed = room.messages.some((one) => one.kind === "dismissed");
  return (
    <div class={`talk ${closed ? "over" : ""}`}>
      {closed ? (
        <div class="panel">
          <Heading>{tr("This conversation has ended.")}</Heading>
          {dismissed && <Lines text={state.description?.texts.closed} />}
          {dismissed && <Others elsewhere={state.description?.elsewhere ?? []} />}
          {rare && <rare.Farewell {...props} />}
        </div>
      ) : (
        room.status === "waiting" && <Waiting {...props} />
      )}
      <WayBack {...props} />
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
