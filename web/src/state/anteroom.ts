/**
 * The client's side: in go what the organisation says of itself, what was answered and heard, out comes the next state and with
 * it the screen. The room inside is room.ts. No I/O, no clock.
 */

import type { Link } from "./connection.ts";
import { new_room, type RoomEvent, type RoomState, reduce_room } from "./room.ts";
import type { Description, Entered, Place } from "./types.ts";

export type Screen = "loading" | "form" | "room" | "ended" | "closed" | "unknown";

export interface AnteroomState {
  screen: Screen;
  link: Link;
  description: Description | null;
  /** What is wrong with the form, by field; `""` for the form as a whole. */
  problems: Record<string, string>;
  entering: boolean;
  /** The earlier conversation could not be found any more. */
  lost: boolean;
  place: Place | null;
  room: RoomState | null;
  /** Who ended it. */
  ended_by: "me" | "them" | null;
}

export type AnteroomEvent =
  | { type: "linked"; link: Link }
  | { type: "described"; description: Description }
  | { type: "unknown" }
  | { type: "entering" }
  | { type: "not_entered"; problems: Record<string, string> }
  | { type: "entered"; entered: Entered }
  | { type: "returned"; client: string; room: string }
  | { type: "forgotten"; lost: boolean }
  | { type: "placed"; place: Place }
  | { type: "left" }
  | { type: "room"; event: RoomEvent };

export const NEW_ANTEROOM: AnteroomState = {
  screen: "loading",
  link: { status: "connecting", offline: false },
  description: null,
  problems: {},
  entering: false,
  lost: false,
  place: null,
  room: null,
  ended_by: null,
};

export function reduce_anteroom(state: AnteroomState, event: AnteroomEvent): AnteroomState {
  switch (event.type) {
    case "linked": {
      // An answer to "Start" that got lost leaves the form usable.
      const entering = state.entering && event.link.status === "connected";
      return { ...state, link: event.link, entering };
    }
    case "described": {
      const { description } = event;
      if (state.screen === "room" || state.screen === "ended") return { ...state, description };
      return { ...state, description, screen: description.open ? "form" : "closed" };
    }
    case "unknown":
      return { ...state, screen: "unknown", room: null };
    case "entering":
      return { ...state, entering: true, problems: {}, lost: false };
    case "not_entered":
      return { ...state, entering: false, problems: event.problems };
    case "entered": {
      const { client, room, position } = event.entered;
      return {
        ...state,
        screen: "room",
        entering: false,
        problems: {},
        lost: false,
        place: { position, waiting: position ?? 0, served: 0 },
        room: new_room(room, client),
        ended_by: null,
      };
    }
    case "returned": {
      const room = state.room?.room === event.room ? state.room : new_room(event.room, event.client);
      return { ...state, screen: "room", room };
    }
    case "forgotten":
      return { ...NEW_ANTEROOM, link: state.link, lost: event.lost };
    case "placed": {
      const { place } = event;
      const next = { ...state, place };
      if (!state.room) return next;
      // When the consultant goes and nobody else is there, one waits again.
      const status = place.position === null ? "active" : "waiting";
      return { ...next, room: reduce_room(state.room, { type: "status_changed", status }) };
    }
    case "left":
      return { ...state, screen: "ended", ended_by: "me", room: null, place: null };
    case "room": {
      if (!state.room) return state;
      const room = reduce_room(state.room, event.event);
      if (room === state.room) return state;
      return room.status === "closed" && state.ended_by === null
        ? { ...state, room, ended_by: "them" }
        : { ...state, room };
    }
  }
}

/** Problems of `hotline.error.invalid` by the names of the form's fields; the rest under `""`. */
export function problems_by_field(
  details: Record<string, unknown>,
  fields: string[],
): Record<string, string> {
  const problems: Record<string, string> = {};
  for (const [key, problem] of Object.entries(details)) {
    if (fields.includes(key)) problems[key] = sentence(problem);
    else problems[""] = `${key} ${String(problem)}`;
  }
  return problems;
}

function sentence(problem: unknown): string {
  const text = String(problem);
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;
}
