/**
 * What all pages of clients know: in go what was asked, answered and heard, out comes the next state and with it the screen. What is
 * told before one comes in, each page has for itself (anteroom.ts, group_page.ts). No I/O, no clock.
 */

import type { Link } from "./connection.ts";
import { new_room, type RoomEvent, type RoomState, reduce_room } from "./room.ts";
import type { Description, Entered } from "./types.ts";

export type Screen = "loading" | "form" | "away" | "room" | "ended" | "unknown";

export interface SideState {
  screen: Screen;
  link: Link;
  description: Description | null;
  /** What was asked for last; its problems and its waiting are of this form. */
  asked: string;
  /** What is wrong with the form, by field; `""` for the form as a whole. */
  problems: Record<string, string>;
  /** What was asked for is on its way. */
  awaited: boolean;
  /** The earlier conversation could not be found any more. */
  lost: boolean;
  room: RoomState | null;
}

export type SideEvent =
  | { type: "linked"; link: Link }
  | { type: "unknown" }
  | { type: "asked"; what?: string }
  | { type: "refused"; problems: Record<string, string>; what?: string }
  | { type: "entered"; entered: Entered }
  | { type: "returned"; client: string; room: string }
  | { type: "forgotten"; lost: boolean }
  | { type: "left" }
  | { type: "room"; event: RoomEvent };

export const NEW_SIDE: SideState = {
  screen: "loading",
  link: { status: "connecting", offline: false },
  description: null,
  asked: "",
  problems: {},
  awaited: false,
  lost: false,
  room: null,
};

/** What is the same on each page. */
export function reduce_side<State extends SideState>(state: State, event: SideEvent): State {
  switch (event.type) {
    case "linked": {
      // An answer to "Start" that got lost leaves the form usable.
      const awaited = state.awaited && event.link.status === "connected";
      return { ...state, link: event.link, awaited };
    }
    case "unknown":
      return { ...state, screen: "unknown", room: null };
    case "asked":
      return { ...state, asked: event.what ?? "", awaited: true, problems: {}, lost: false };
    case "refused":
      return { ...state, asked: event.what ?? state.asked, awaited: false, problems: event.problems };
    case "returned": {
      const room = state.room?.room === event.room ? state.room : new_room(event.room, event.client);
      return { ...state, screen: "room", room };
    }
    case "room": {
      if (!state.room) return state;
      const room = reduce_room(state.room, event.event);
      return room === state.room ? state : { ...state, room };
    }
  }
  return state;
}
