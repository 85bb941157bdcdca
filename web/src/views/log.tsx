/**
 * The log of a room: in go its state and the present moment, out come wishes to see more or to try again. History stands outside the
 * live region, so that screen readers announce new messages only. Names and texts are only ever text.
 */

import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { type Pending, type RoomState, seen_by_others } from "../state/room.ts";
import type { Message } from "../state/types.ts";
import { clock_time, day_label, day_of } from "./times.ts";

export interface LogProps {
  room: RoomState;
  now: Date;
  on_earlier: () => void;
  on_try_again: (nonce: string) => void;
  on_given_up: (nonce: string) => void;
}

const NEAR_PX = 60;

export function Log(props: LogProps) {
  const { room, now } = props;
  const box = useRef<HTMLDivElement>(null);
  const place = useRef({ stuck: true, height: 0, first: room.first });
  const [below, set_below] = useState(false);
  const newest = room.last + room.pending.length;
  const written = room.pending.at(-1)?.nonce;

  // Whoever writes wants to see it.
  useLayoutEffect(() => {
    if (written) place.current.stuck = true;
  }, [written]);
  // Stay at the end when the reader is there, and keep the reader's place when something is put before it.
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const { stuck, height, first } = place.current;
    if (room.first < first) element.scrollTop += element.scrollHeight - height;
    else if (stuck) element.scrollTop = element.scrollHeight;
    place.current.height = element.scrollHeight;
    place.current.first = room.first;
  });
  useLayoutEffect(() => {
    if (!place.current.stuck) set_below(true);
  }, [newest]);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const watcher = new ResizeObserver(() => {
      if (place.current.stuck) element.scrollTop = element.scrollHeight;
    });
    watcher.observe(element);
    return () => watcher.disconnect();
  }, []);

  const scrolled = () => {
    const element = box.current;
    if (!element) return;
    const stuck = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_PX;
    place.current.stuck = stuck;
    if (stuck) set_below(false);
  };
  const to_end = () => {
    place.current.stuck = true;
    box.current?.scrollTo(0, box.current.scrollHeight);
  };

  const split = room.messages.findIndex((one) => one.seq > room.live_after);
  const history = split < 0 ? room.messages : room.messages.slice(0, split);
  const live = split < 0 || !room.ready ? [] : room.messages.slice(split);
  const seen = seen_by_others(room);
  const mine = room.messages.filter((one) => one.kind === "message" && one.sender?.id === room.me);
  const last_mine = mine[mine.length - 1];

  return (
    <div class="log-frame">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section class="log" ref={box} onScroll={scrolled} tabIndex={0} aria-label="Conversation">
        {room.first > 0 && (
          <p class="log-more">
            <button type="button" class="button link" onClick={props.on_earlier}>
              Show earlier messages
            </button>
          </p>
        )}
        <div>{rows(history, undefined, room, seen, now)}</div>
        <div role="log" aria-live="polite" aria-relevant="additions" aria-label="New messages">
          {rows(live, history[history.length - 1], room, seen, now)}
        </div>
        <div>
          {room.pending.map((one) => (
            <PendingRow key={one.nonce} one={one} {...props} />
          ))}
        </div>
        {last_mine && room.pending.length === 0 && (
          <p class="quiet">
            Your last message {last_mine.seq <= seen ? "was delivered and seen." : "was delivered."}
          </p>
        )}
      </section>
      {below && (
        <button type="button" class="button log-end" onClick={to_end}>
          New messages <span aria-hidden="true">↓</span>
        </button>
      )}
    </div>
  );
}

function rows(
  messages: Message[],
  before: Message | undefined,
  room: RoomState,
  seen: number,
  now: Date,
): ComponentChildren {
  const list: ComponentChildren[] = [];
  let previous = before;
  for (const [index, message] of messages.entries()) {
    if (!previous || day_of(previous.at) !== day_of(message.at)) {
      list.push(
        <p class="log-day" key={`day ${message.seq}`}>
          {day_label(message.at, now)}
        </p>,
      );
      previous = undefined;
    }
    list.push(row(message, previous, messages[index + 1], room, seen));
    previous = message;
  }
  return list;
}

function row(
  message: Message,
  previous: Message | undefined,
  next: Message | undefined,
  room: RoomState,
  seen: number,
) {
  const { seq, kind, text, sender, at } = message;
  if (kind !== "message") {
    return (
      <p class="log-event" key={seq} data-kind={kind} data-seq={seq} dir="auto">
        {text}
      </p>
    );
  }
  const mine = sender?.id === room.me;
  const belongs = (other: Message | undefined) =>
    other?.kind === "message" && other.sender?.id === sender?.id;
  const goes_on = belongs(previous);
  // One time for several messages of the same minute, unless their marks differ.
  const same_mark =
    next && belongs(next) && clock_time(next.at) === clock_time(at) && next.seq <= seen === seq <= seen;
  return (
    <div
      class={`message ${mine ? "mine" : "theirs"}${goes_on ? " goes-on" : ""}`}
      key={seq}
      data-seq={seq}
      data-seen={mine && seq <= seen}
    >
      <p class={goes_on || mine ? "quiet" : "message-name"}>
        <bdi>{mine ? "You" : sender?.name}</bdi>
      </p>
      <p class="message-text" dir="auto">
        {text}
      </p>
      <p class={same_mark ? "quiet" : "message-meta"}>
        <time dateTime={at}>{clock_time(at)}</time>
        {mine && (
          <span aria-hidden="true" title={seq <= seen ? "Seen" : "Delivered"}>
            {seq <= seen ? " ✓✓" : " ✓"}
          </span>
        )}
      </p>
    </div>
  );
}

function PendingRow({
  one,
  on_try_again,
  on_given_up,
}: { one: Pending } & Pick<LogProps, "on_try_again" | "on_given_up">) {
  return (
    <div class={`message mine pending ${one.status}`} data-status={one.status}>
      <p class="quiet">You</p>
      <p class="message-text" dir="auto">
        {one.text}
      </p>
      {one.status === "failed" ? (
        <p class="message-meta" role="alert">
          Not sent. {one.reason}{" "}
          <button type="button" class="button link" onClick={() => on_try_again(one.nonce)}>
            Try again
          </button>
          <button type="button" class="button link" onClick={() => on_given_up(one.nonce)}>
            Discard
          </button>
        </p>
      ) : (
        <p class="message-meta">
          <time dateTime={one.at}>{clock_time(one.at)}</time> ·{" "}
          {one.status === "queued" ? "not yet delivered" : "sending"}
        </p>
      )}
    </div>
  );
}

/** Who is typing, in a place that is always there so that nothing jumps. */
export function TypingLine({ room }: { room: RoomState }) {
  const names = room.typing.map((one) => one.name);
  return (
    <p class="typing">
      {names.length > 0 && (
        <>
          <bdi>{names.join(", ")}</bdi> {names.length === 1 ? "is typing" : "are typing"}
          <span class="dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
        </>
      )}
    </p>
  );
}
