/**
 * The client's side: in go what the organisation says of itself, what was answered and heard, out comes the next state and with
 * it the screen. The room inside is room.ts. No I/O, no clock.
 */

import { new_room, reduce_room } from "./room.ts";
import { NEW_SIDE, reduce_side, type SideEvent, type SideState } from "./side.ts";
import type { Description, Place, Question } from "./types.ts";

export interface AnteroomState extends SideState {
  /** Something is filled in: the screen stays whether or not the service opens or closes. */
  writing: boolean;
  place: Place | null;
  /** When that was heard: what it says of waiting counts from then on. */
  placed_at: number;
  /** With this the client comes back; shown once. */
  return_code: string;
  /** Asked after the end; null: nothing, or nothing any more. */
  survey: Question[] | null;
}

export type AnteroomEvent =
  | SideEvent
  | { type: "described"; description: Description }
  | { type: "writing"; writing: boolean }
  | { type: "placed"; place: Place; now: number }
  | { type: "return_code"; return_code: string }
  | { type: "survey"; survey: Question[] | null };

export const NEW_ANTEROOM: AnteroomState = {
  ...NEW_SIDE,
  writing: false,
  place: null,
  placed_at: 0,
  return_code: "",
  survey: null,
};

export function reduce_anteroom(state: AnteroomState, event: AnteroomEvent): AnteroomState {
  switch (event.type) {
    case "described": {
      const { description } = event;
      const stays = /^(room|ended)$/.test(state.screen) || state.writing;
      return { ...state, description, screen: stays ? state.screen : description.open ? "form" : "away" };
    }
    case "writing": {
      const { description } = state;
      const next = { ...state, writing: event.writing };
      if (event.writing || !description) return next;
      return reduce_anteroom({ ...next, asked: "leave_message" }, { type: "described", description });
    }
    case "entered": {
      const { client, room, position = null, return_code = "" } = event.entered;
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
    case "forgotten":
      // Nothing is left of what has ended anyway.
      if (event.lost && state.screen === "ended") return state;
      return { ...NEW_ANTEROOM, link: state.link, lost: event.lost };
    case "placed": {
      const place = { ...state.place, ...event.place };
      const next = { ...state, place, placed_at: event.now };
      if (!state.room) return next;
      // When the consultant goes and nobody else is there, one waits again. A place that was looked up before
      // somebody came may be told after it.
      const told = state.room.messages.findLast(({ kind }) => /^(claim|transf|left)/.test(kind));
      const status = place.position && told?.kind === "left" ? "waiting" : state.room.status;
      return { ...next, room: reduce_room(state.room, { type: "status_changed", status }) };
    }
    case "left":
      return { ...state, screen: "ended", room: null, place: null, return_code: "" };
    case "return_code":
      return { ...state, return_code: event.return_code };
    case "survey":
      return { ...state, awaited: false, problems: {}, survey: event.survey };
    default:
      return reduce_side(state, event);
  }
}
