/**
 * What one person knows of one room, which may be a group: in go the same events as of any room, out comes the next state, of a group
 * with who is in it and whether clients may write, as its entries tell. What somebody deleted is gone from here, too. Pure.
 */

import { type RoomEvent, type RoomState, reduce_room } from "./room.ts";
import type { Message, Person } from "./types.ts";

const GONE = ["left", "left_quickly", "removed", "forgotten"];

export function reduce_any_room(state: RoomState, event: RoomEvent): RoomState {
  const next = reduce_room(state, event);
  if (event.type === "joined") {
    const { group, last_seq } = event.joined;
    return group ? { ...next, group: { ...group, as_of: last_seq } } : next;
  }
  if (!state.group || next.last === state.last) return next;
  const added = next.messages.filter((one) => one.seq > state.last);
  // A client's going ends a room of its own, and no group.
  const ended = state.status === "closed" || added.some((one) => one.kind === "closed");
  return added.reduce(after, { ...next, status: ended ? "closed" : "active" });
}

/** The group after one more entry. */
function after(state: RoomState, entry: Message): RoomState {
  const { kind, sender, seq } = entry;
  let { group, members, messages } = state;
  if (!group) return state;
  if (seq > group.as_of) {
    if (sender && (kind === "entered" || kind === "joined")) members = [...without(members, sender), sender];
    if (sender && GONE.includes(kind)) members = without(members, sender);
    if (kind === "muted" || kind === "unmuted") group = { ...group, muted: kind === "muted" };
    group = { ...group, clients: members.filter((one) => one.role === "client").length };
  }
  if (sender && kind === "forgotten") messages = messages.map((one) => forgotten(one, sender.id));
  return { ...state, group, members, messages };
}

function without(members: Person[], sender: Person): Person[] {
  return members.filter((one) => one.id !== sender.id);
}

/** As the server keeps it: who said it is nobody any more, and there are no words. */
function forgotten(message: Message, id: string): Message {
  const { kind, sender, withdrawn } = message;
  if (sender?.id !== id || kind === "forgotten") return message;
  return {
    ...message,
    text: "",
    withdrawn: withdrawn || kind === "message",
    sender: { ...sender, name: "" },
  };
}
