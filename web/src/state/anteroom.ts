/**
 * The client's side: in go what the organisation says of itself, what was answered and heard, out comes the next state and with
 * it the screen. The room inside is room.ts. No I/O, no clock.
 */

import type { Link } from "./connection.ts";
import { new_room, type RoomEvent, type RoomState, reduce_room } from "./room.ts";
import type { Description, Entered, Place, Question } from "./types.ts";

export type Screen = "loading" | "form" | "away" | "room" | "ended" | "unknown";

export interface AnteroomState {
  screen: Screen;
  link: Link;
  description: Description | null;
  /** What is wrong with the form, by field; `""` for the form as a whole. */
  problems: Record<string, string>;
  /** What was asked for is on its way. */
  busy: boolean;
  /** The earlier conversation could not be found any more. */
  lost: boolean;
  place: Place | null;
  room: RoomState | null;
  /** With this the client comes back; shown once. */
  return_code: string;
  /** Asked after the end; null: nothing, or nothing any more. */
  survey: Question[] | null;
}

export type AnteroomEvent =
  | { type: "linked"; link: Link }
  | { type: "described"; description: Description }
  | { type: "unknown" }
  | { type: "asked" }
  | { type: "refused"; problems: Record<string, string> }
  | { type: "entered"; entered: Entered }
  | { type: "returned"; client: string; room: string }
  | { type: "forgotten"; lost: boolean }
  | { type: "placed"; place: Place }
  | { type: "left" }
  | { type: "return_code"; return_code: string }
  | { type: "survey"; survey: Question[] | null }
  | { type: "room"; event: RoomEvent };

export const NEW_ANTEROOM: AnteroomState = {
  screen: "loading",
  link: { status: "connecting", offline: false },
  description: null,
  problems: {},
  busy: false,
  lost: false,
  place: null,
  room: null,
  return_code: "",
  survey: null,
};

export function reduce_anteroom(state: AnteroomState, event: AnteroomEvent): AnteroomState {
  switch (event.type) {
    case "linked": {
      // An answer to "Start" that got lost leaves the form usable.
      const busy = state.busy && event.link.status === "connected";
      return { ...state, link: event.link, busy };
    }
    case "described": {
      const { description } = event;
      if (state.screen === "room" || state.screen === "ended") return { ...state, description };
      return { ...state, description, screen: description.open ? "form" : "away" };
    }
    case "unknown":
      return { ...state, screen: "unknown", room: null };
    case "asked":
      return { ...state, busy: true, problems: {}, lost: false };
    case "refused":
      return { ...state, busy: false, problems: event.problems };
    case "entered": {
      const { client, room, position, return_code = "" } = event.entered;
      return {
        ...NEW_ANTEROOM,
        link: state.link,
        description: state.description,
        screen: "room",
        place: { position, waiting: position ?? 0, served: 0 },
        room: new_room(room, client),
        return_code,
      };
    }
    case "returned": {
      const room = state.room?.room === event.room ? state.room : new_room(event.room, event.client);
      return { ...state, screen: "room", room };
    }
    case "forgotten":
      return { ...NEW_ANTEROOM, link: state.link, lost: event.lost };
    case "placed": {
      const place = { ...state.place, ...event.place };
      const next = { ...state, place };
      if (!state.room) return next;
      // When the consultant goes and nobody else is there, one waits again.
      const status = place.position === null ? state.room.status : "waiting";
      return { ...next, room: reduce_room(state.room, { type: "status_changed", status }) };
    }
    case "left":
      return { ...state, screen: "ended", room: null, place: null, return_code: "" };
    case "return_code":
      return { ...state, return_code: event.return_code };
    case "survey":
      return { ...state, busy: false, problems: {}, survey: event.survey };
    case "room": {
      if (!state.room) return state;
      const room = reduce_room(state.room, event.event);
      return room === state.room ? state : { ...state, room };
    }
  }
}
