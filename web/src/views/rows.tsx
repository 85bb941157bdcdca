/**
 * What was said, line by line: in go messages, and those still on their way, out come rows, with days between them, and wishes to try again.
 * Names and texts are only ever text.
 */

import type { ComponentChildren } from "preact";
import { tr } from "../i18n/texts.ts";
import type { Pending, RoomState } from "../state/room.ts";
import type { Message } from "../state/types.ts";
import { entry_text } from "./entries.ts";
import { is_link, pieces_of, way_to } from "./links.ts";
import { clock_time, day_label, day_of } from "./times.ts";

export function rows(
  messages: Message[],
  before: Message | undefined,
  room: RoomState,
  now: Date,
): ComponentChildren {
  const list: ComponentChildren[] = [];
  let previous = before;
  const shown = messages.filter((one) => !one.of);
  for (const [index, message] of shown.entries()) {
    if (!previous || day_of(previous.at) !== day_of(message.at)) {
      list.push(
        <p class="log-day" key={`day ${message.seq}`}>
          {day_label(message.at, now)}
        </p>,
      );
      previous = undefined;
    }
    list.push(row(message, previous, shown[index + 1], room));
    previous = message;
  }
  return list;
}

function row(message: Message, previous: Message | undefined, next: Message | undefined, room: RoomState) {
  const { seq, kind, text, sender, at } = message;
  if (kind !== "message") {
    return (
      <p class="log-event" key={seq} data-kind={kind} data-seq={seq}>
        {entry_text(message, room)}
      </p>
    );
  }
  const mine = sender?.id === room.me;
  const belongs = (other: Message | undefined) =>
    other?.kind === "message" && other.sender?.id === sender?.id;
  const goes_on = belongs(previous);
  // One time for several messages of the same minute.
  const same_minute = next && belongs(next) && clock_time(next.at) === clock_time(at) && !message.edited;
  return (
    <div class={`message ${mine ? "mine" : "theirs"}${goes_on ? " goes-on" : ""}`} key={seq} data-seq={seq}>
      <p class={goes_on || mine ? "quiet" : "message-name"}>
        <bdi>{mine ? tr("You") : sender?.name}</bdi>
      </p>
      <p class="message-text" dir="auto">
        {message.withdrawn ? <i>{tr("This message was withdrawn.")}</i> : linked(text)}
      </p>
      <p class={same_minute ? "quiet" : "message-meta"}>
        <time dateTime={at}>{clock_time(at)}</time>
        {message.edited && ` · ${tr("edited")}`}
      </p>
    </div>
  );
}

/** Addresses can be opened. */
function linked(text: string): ComponentChildren {
  return pieces_of(text).map((piece, index) =>
    index % 2 > 0 && is_link(piece) ? (
      <a {...way_to(piece)} dir="ltr">
        {piece}
      </a>
    ) : (
      piece
    ),
  );
}

export interface PendingProps {
  one: Pending;
  on_try_again: (nonce: string) => void;
  on_given_up: (nonce: string) => void;
}

export function PendingRow({ one, on_try_again, on_given_up }: PendingProps) {
  return (
    <div class={`message mine pending ${one.status}`} data-status={one.status}>
      <p class="quiet">{tr("You")}</p>
      <p class="message-text" dir="auto">
        {one.text}
      </p>
      {one.status === "failed" ? (
        <p class="message-meta" role="alert">
          {tr("Not sent.")} {one.reason}{" "}
          <button type="button" class="button link" onClick={() => on_try_again(one.nonce)}>
            {tr("Try again")}
          </button>
          <button type="button" class="button link" onClick={() => on_given_up(one.nonce)}>
            {tr("Discard")}
          </button>
        </p>
      ) : (
        <p class="message-meta">
          <time dateTime={one.at}>{clock_time(one.at)}</time> ·{" "}
          {one.status === "queued" ? tr("not yet delivered") : tr("sending")}
        </p>
      )}
    </div>
  );
}
