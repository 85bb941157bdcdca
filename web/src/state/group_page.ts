/**
 * A group's page for clients: in go what the group says of itself, what was answered and heard, out comes the next state and with it the
 * screen. The group's room inside is group.ts. No I/O, no clock: whether it is open the server says.
 */

import { reduce_any_room } from "./group.ts";
import { new_room } from "./room.ts";
import { NEW_SIDE, reduce_side, type SideEvent, type SideState } from "./side.ts";
import type { Description, ShownGroup } from "./types.ts";

/** Why one cannot come in, or is in it no more. */
export type Reason = "not_yet" | "full" | "over" | "removed" | "blocked";

export interface GroupPageState extends SideState {
  group: ShownGroup | null;
  /** On the screen "away". */
  reason: Reason | null;
  /** Of a block: until when. */
  until: string;
  /** What was said here is deleted, and so is who said it. */
  deleted: boolean;
}

export type GroupPageEvent =
  | SideEvent
  | { type: "described"; description: Description }
  | { type: "found"; group: ShownGroup }
  | { type: "kept_out"; reason: Reason; until?: string }
  | { type: "deleted" };

export const NEW_GROUP_PAGE: GroupPageState = {
  ...NEW_SIDE,
  group: null,
  reason: null,
  until: "",
  deleted: false,
};

/** Why nobody can come in just now; null: they can. */
export function closed_door({ ended, open, clients, most_clients }: ShownGroup): Reason | null {
  if (ended) return "over";
  if (!open) return "not_yet";
  return clients < most_clients ? null : "full";
}

export function reduce_group_page(state: GroupPageState, event: GroupPageEvent): GroupPageState {
  switch (event.type) {
    case "described":
      return { ...state, description: event.description };
    case "found": {
      const { group } = event;
      const reason = closed_door(group);
      // Who was let in, has left or was taken out stays where they are; so does who may not come in whatever the group is like.
      const stays = /^(room|ended)$/.test(state.screen) || /^(removed|blocked)$/.test(state.reason ?? "");
      if (stays) return { ...state, group };
      return { ...state, group, reason, screen: reason ? "away" : "form" };
    }
    case "kept_out": {
      const { reason, until = "" } = event;
      // What was typed is not sent any more.
      const room = state.room && { ...state.room, pending: [] };
      return { ...state, screen: "away", reason, until, room, awaited: false, problems: {} };
    }
    case "deleted":
      return { ...state, deleted: true, awaited: false, problems: {}, room: null };
    case "entered": {
      const { client, room } = event.entered;
      const { link, description, group } = state;
      return { ...NEW_GROUP_PAGE, link, description, group, screen: "room", room: new_room(room, client) };
    }
    case "returned":
      return reduce_side({ ...state, reason: null }, event);
    case "forgotten":
      return { ...NEW_GROUP_PAGE, link: state.link, lost: event.lost };
    case "left":
      return { ...state, screen: "ended", room: null };
    case "room": {
      const room = state.room && reduce_any_room(state.room, event.event);
      return room === state.room ? state : { ...state, room };
    }
    case "asked":
      return reduce_side({ ...state, deleted: false }, event);
    default:
      return reduce_side(state, event);
  }
}
