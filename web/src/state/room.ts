/**
 * What one person knows of one room: in go what was fetched, heard and typed, out comes the next state. The log grows in
 * seq order without gaps or doubles; what was typed stays in the outbox until it comes back. No I/O, no clock, no dice.
 */

import type { GroupFacts, Joined, Message, Person, RoomStatus } from "./types.ts";

export interface Pending {
  nonce: string;
  text: string;
  at: string;
  /** queued: to be sent; sending: no answer yet; stored: acknowledged, not yet seen in the log; failed: refused. */
  status: "queued" | "sending" | "stored" | "failed";
  reason: string;
}

export interface Typing {
  id: string;
  name: string;
  until: number;
}

export interface RoomState {
  room: string;
  /** My own member id. */
  me: string;
  status: RoomStatus;
  client: { id: string; name: string } | null;
  members: Person[];
  note: string;
  /** The log runs from `first` + 1 to `last`; what came too early waits in `held`. */
  first: number;
  last: number;
  messages: Message[];
  held: Message[];
  pending: Pending[];
  typing: Typing[];
  /** By member: up to which seq they have read the log, and have got it. */
  seen: Record<string, number>;
  delivered: Record<string, number>;
  /** Up to here it is history; what comes later is announced to screen readers. */
  live_after: number;
  /** False until the log was fetched for the first time. */
  ready: boolean;
  /** Why this room cannot be shown. */
  gone: string | null;
  /** Of a group, which group.ts keeps; entries up to `as_of` are in what it says and in who is in it already. */
  group?: GroupFacts & { as_of: number };
}

export type RoomEvent =
  | { type: "joined"; joined: Joined }
  | { type: "received"; message: Message }
  | { type: "fetched"; messages: Message[] }
  | { type: "fetched_earlier"; messages: Message[]; before: number; more: boolean }
  | { type: "caught_up" }
  | { type: "said"; nonce: string; text: string; at: string }
  | { type: "sending"; nonce: string }
  | { type: "stored"; nonce: string }
  | { type: "postponed"; nonce: string }
  | { type: "refused"; nonce: string; reason: string }
  | { type: "tried_again"; nonce: string; next_nonce: string }
  | { type: "given_up"; nonce: string }
  | { type: "disconnected" }
  | { type: "typed"; id: string; name: string; typing: boolean; now: number }
  | { type: "time_passed"; now: number }
  | { type: "seen"; id: string; seq: number; delivered?: number }
  | { type: "status_changed"; status: RoomStatus }
  | { type: "gone"; reason: string };

/** How many of the latest messages are fetched when a long room is opened. */
export const FIRST_VIEW = 100;
export const TYPING_MS = 6_000;

export function new_room(room: string, me: string): RoomState {
  return {
    room,
    me,
    status: "waiting",
    client: null,
    members: [],
    note: "",
    first: 0,
    last: 0,
    messages: [],
    held: [],
    pending: [],
    typing: [],
    seen: {},
    delivered: {},
    live_after: 0,
    ready: false,
    gone: null,
  };
}

/** Something is missing between the log and what came early. */
export function has_gap(state: RoomState): boolean {
  return state.held.length > 0;
}

export function next_to_send(state: RoomState): Pending | undefined {
  const open = state.pending.filter((one) => one.status !== "failed" && one.status !== "stored");
  return open[0]?.status === "queued" ? open[0] : undefined;
}

export function undelivered(state: RoomState): number {
  return state.pending.filter((one) => one.status !== "stored").length;
}

export function has_lost_echo(state: RoomState): boolean {
  return state.pending.some((one) => one.status === "stored");
}

/** Messages of others that I have not seen. */
export function unread(state: RoomState): number {
  const mark = state.seen[state.me] ?? 0;
  let count = 0;
  for (let i = state.messages.length - 1; i >= 0; i -= 1) {
    const message = state.messages[i];
    if (!message || message.seq <= mark) break;
    if (message.kind === "message" && message.sender?.id !== state.me) count += 1;
  }
  return count;
}

/** Up to which seq anybody else has seen the log, or has got it. */
export function reached_others(state: RoomState, mark: "seen" | "delivered"): number {
  const { [state.me]: _, ...others } = state[mark];
  return Math.max(0, ...Object.values(others));
}

function raise(seen: Record<string, number>, id: string, seq: number): Record<string, number> {
  return seq > (seen[id] ?? 0) ? { ...seen, [id]: seq } : seen;
}

function raise_all(marks: Record<string, number>, more: Record<string, number>): Record<string, number> {
  return Object.entries(more).reduce((raised, [id, seq]) => raise(raised, id, seq), marks);
}

function status_after(status: RoomStatus, { kind, sender }: Message): RoomStatus {
  // The client's going ends the room.
  if (kind === "closed" || (/^left/.test(kind) && sender?.role === "client")) return "closed";
  if (status === "closed") return status;
  if (kind === "released" || kind === "vanished") return "waiting";
  return kind === "claimed" || kind === "transferred" ? "active" : status;
}

/** Appends what follows the log directly, drops what is known, holds what is early. */
function append(state: RoomState, incoming: Message[]): RoomState {
  const by_seq = new Map<number, Message>();
  for (const message of [...state.held, ...incoming]) {
    if (message.seq > state.last) by_seq.set(message.seq, message);
  }
  let { last, status, seen, typing, pending } = state;
  const added: Message[] = [];
  for (let next = by_seq.get(last + 1); next; next = by_seq.get(last + 1)) {
    by_seq.delete(next.seq);
    added.push(next);
    last = next.seq;
    status = status_after(status, next);
    const { sender, nonce, seq } = next;
    if (!sender) continue;
    // Whoever speaks has read what was there before and has stopped typing.
    seen = raise(seen, sender.id, seq);
    typing = typing.filter((one) => one.id !== sender.id);
    if (sender.id === state.me) pending = pending.filter((one) => one.nonce !== nonce);
  }
  const held = [...by_seq.values()].sort((a, b) => a.seq - b.seq);
  if (added.length === 0 && held.length === state.held.length) return state;
  const messages = corrected([...state.messages, ...added], added);
  return { ...state, last, status, seen, typing, pending, held, messages };
}

/** The messages with what was edited or withdrawn later. */
function corrected(messages: Message[], later: Message[]): Message[] {
  const changes = new Map(later.filter((one) => one.of).map((one) => [one.of, one]));
  if (changes.size === 0) return messages;
  return messages.map((one) => {
    const change = changes.get(one.seq);
    return change ? { ...one, text: change.text, [change.kind]: true } : one;
  });
}

function change_pending(state: RoomState, nonce: string, change: Partial<Pending>): RoomState {
  return {
    ...state,
    pending: state.pending.map((one) => (one.nonce === nonce ? { ...one, ...change } : one)),
  };
}

export function reduce_room(state: RoomState, event: RoomEvent): RoomState {
  switch (event.type) {
    case "joined": {
      const { status, client, members, last_seq } = event.joined;
      const seen = raise_all(state.seen, event.joined.seen);
      const delivered = raise_all(state.delivered, event.joined.delivered);
      const note = event.joined.note ?? "";
      const next = { ...state, status, client, members, note, seen, delivered, gone: null };
      if (state.ready || state.last > 0) return next;
      const first = Math.max(0, last_seq - FIRST_VIEW);
      return { ...next, first, last: first };
    }
    case "received":
      return append(state, [event.message]);
    case "fetched":
      return append(state, event.messages);
    case "fetched_earlier": {
      if (event.before !== state.first + 1) return state;
      const earlier = event.messages.filter((one) => one.seq <= state.first);
      const first = event.more ? (earlier[0]?.seq ?? 1) - 1 : 0;
      return { ...state, first, messages: [...earlier, ...state.messages] };
    }
    case "caught_up":
      return state.ready ? state : { ...state, ready: true, live_after: state.last };
    case "said": {
      const { nonce, text, at } = event;
      return { ...state, pending: [...state.pending, { nonce, text, at, status: "queued", reason: "" }] };
    }
    case "sending":
      return change_pending(state, event.nonce, { status: "sending" });
    case "stored":
      return change_pending(state, event.nonce, { status: "stored" });
    case "postponed":
      return change_pending(state, event.nonce, { status: "queued" });
    case "refused":
      return change_pending(state, event.nonce, { status: "failed", reason: event.reason });
    case "tried_again":
      return change_pending(state, event.nonce, { nonce: event.next_nonce, status: "queued", reason: "" });
    case "given_up":
      return { ...state, pending: state.pending.filter((one) => one.nonce !== event.nonce) };
    case "disconnected": {
      // An answer may have been lost on the way: the same nonce again makes it sure, and is stored once.
      const pending = state.pending.map((one) =>
        one.status === "sending" || one.status === "stored" ? { ...one, status: "queued" as const } : one,
      );
      return { ...state, pending, typing: [] };
    }
    case "typed": {
      const others = state.typing.filter((one) => one.id !== event.id);
      if (event.id === state.me) return state;
      if (!event.typing) return others.length === state.typing.length ? state : { ...state, typing: others };
      return {
        ...state,
        typing: [...others, { id: event.id, name: event.name, until: event.now + TYPING_MS }],
      };
    }
    case "time_passed": {
      const typing = state.typing.filter((one) => one.until > event.now);
      return typing.length === state.typing.length ? state : { ...state, typing };
    }
    case "seen":
      return {
        ...state,
        seen: raise(state.seen, event.id, event.seq),
        delivered: raise(state.delivered, event.id, event.delivered ?? event.seq),
      };
    case "status_changed":
      return state.status === "closed" ? state : { ...state, status: event.status };
    case "gone":
      return { ...state, gone: event.reason };
  }
}
