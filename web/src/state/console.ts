/**
 * The consultant's side: in go what was fetched and heard of clientlist, colleagues and open rooms, out comes the next state.
 * Rooms in tabs are room.ts, the list is clientlist.ts. No I/O, no clock.
 */

import { type Calls, USUAL_CALLS } from "../look/calls.ts";
import type { Theme } from "../look/theme.ts";
import { type Aids, NO_AIDS } from "./aids.ts";
import {
  type Clientlist,
  type ClientlistEvent,
  EMPTY_CLIENTLIST,
  type Filter,
  NO_FILTER,
  reduce_clientlist,
} from "./clientlist.ts";
import type { Link } from "./connection.ts";
import type {
  Block,
  Colleague,
  Ended,
  Group,
  Me,
  Note,
  Presence,
  Profile,
  RecordForm,
  RoomRecord,
  Standing,
} from "./desk_types.ts";
import { reduce_any_room } from "./group.ts";
import { add_notes, NO_NOTES, type Notes } from "./notes.ts";
import { new_room, type RoomEvent, type RoomState } from "./room.ts";

type DeskDialog = "commands" | "settings" | "answers" | "referrals" | "blocks" | "group";
/** About the room in front: gone when another one is. */
const ROOM_DIALOGS = ["ask", "over", "appointment", "block", "change", "take_over", "end", "leave"] as const;
type RoomDialog = (typeof ROOM_DIALOGS)[number];

export interface ConsoleState {
  me: Me;
  presence: Presence;
  link: Link;
  /** The login has ended while something was written here that is nowhere else: nothing is shown until there is another one. */
  is_logged_out: boolean;
  list: Clientlist;
  staff: Colleague[];
  /** Open rooms, in the order of their tabs. */
  tabs: string[];
  /** Rooms with a tab, and those I serve without one. */
  rooms: Record<string, RoomState>;
  /** The tab in front. */
  active: string | null;
  /** Whose profile is shown; without a tab it can be any client of the list. */
  profile_of: string | null;
  profiles: Record<string, Profile | null>;
  /** On a phone one column is shown at a time. */
  column: "list" | "room" | "profile";
  /** Something to tell, until it is put away. */
  notice: string;
  /** Rooms that are being claimed or joined just now. */
  busy: Record<string, true>;
  filter: Filter;
  /** Private notes of the rooms I am in. */
  notes: Record<string, Notes>;
  /** Rooms that became mine and that I have not looked at since. */
  given: Record<string, true>;
  /** How often a draft came from another device: then the composer begins anew. */
  draft_rounds: Record<string, number>;
  /** Whether the organisation takes new clients; null while unknown. */
  standing: Standing | null;
  records: Records;
  aids: Aids;
  settings: Settings;
  /** A tone is wanted, and the browser gives none before somebody touches the page. */
  silent: boolean;
  /** What is open over the desk. */
  dialog: DeskDialog | RoomDialog | null;
  blocks: Blocks;
  /** Groups that go on or are to come, and those that have ended and are still kept. */
  groups: Group[];
}

/** Clients who are blocked; `list` null: not looked up. */
export interface Blocks {
  list: Block[] | null;
  more: boolean;
  /** How many somebody has to agree to. */
  unagreed: number;
}

/** How one wants to be called, and whether keys do something; kept in this browser. */
export interface Settings extends Calls {
  theme: Theme;
  /** The tag of the one chosen; empty: whatever the browser asks for. */
  language: string;
}

/** Ended conversations, and what is written about them. */
export interface Records {
  /** null: not looked up. */
  ended: Ended[] | null;
  more: boolean;
  form: RecordForm | null;
  missing: { room: string; name: string; closed_at: string }[];
  by_room: Record<string, RoomRecord>;
  /** What is wrong with the record in front, by field. */
  problems: Record<string, string>;
}

export type ConsoleEvent =
  | { type: "linked"; link: Link }
  | { type: "logged_out" }
  | { type: "known"; me: Me }
  | { type: "presence"; presence: Presence }
  | { type: "list"; event: ClientlistEvent }
  | { type: "staff"; staff: Colleague[] }
  | { type: "opened"; room: string; front: boolean }
  | { type: "closed_tab"; room: string; kept?: boolean }
  | { type: "chosen"; room: string }
  | { type: "given"; room: string }
  | { type: "looked" }
  | { type: "profile_wanted"; room: string }
  | { type: "profile"; room: string; profile: Profile | null }
  | { type: "column"; column: ConsoleState["column"] }
  | { type: "noticed"; notice: string }
  | { type: "busy"; room: string; busy: boolean }
  | { type: "filter"; filter: Partial<Filter> }
  | { type: "notes"; room: string; notes: Note[]; ready?: boolean }
  | { type: "draft_replaced"; room: string }
  | { type: "standing"; standing: Standing }
  | { type: "records"; records: Partial<Records> }
  | { type: "record"; room: string; record: RoomRecord }
  | { type: "aids"; aids: Partial<Aids> }
  | { type: "settings"; settings: Partial<Settings> }
  | { type: "silent"; silent: boolean }
  | { type: "blocks"; blocks: Partial<Blocks> }
  | { type: "groups"; groups: Group[] }
  | { type: "dialog"; dialog: ConsoleState["dialog"] }
  | { type: "room"; room: string; event: RoomEvent };

export function new_console(me: Me): ConsoleState {
  return {
    me,
    presence: me.presence ?? "here",
    link: { status: "connecting", offline: false },
    is_logged_out: false,
    list: EMPTY_CLIENTLIST,
    staff: [],
    tabs: [],
    rooms: {},
    active: null,
    profile_of: null,
    profiles: {},
    column: "list",
    notice: "",
    busy: {},
    filter: NO_FILTER,
    notes: {},
    given: {},
    draft_rounds: {},
    standing: null,
    records: { ended: null, more: false, form: null, missing: [], by_room: {}, problems: {} },
    aids: NO_AIDS,
    settings: { ...USUAL_CALLS, theme: "system", language: "" },
    silent: false,
    dialog: null,
    blocks: { list: null, more: false, unagreed: 0 },
    groups: [],
  };
}

function without<T>(record: Record<string, T>, key: string): Record<string, T> {
  const { [key]: _gone, ...rest } = record;
  return rest;
}

export function reduce_console(state: ConsoleState, event: ConsoleEvent): ConsoleState {
  const next = reduce(state, event);
  const is_of_room = (ROOM_DIALOGS as readonly unknown[]).includes(next.dialog);
  return is_of_room && next.active !== state.active ? { ...next, dialog: null } : next;
}

function reduce(state: ConsoleState, event: ConsoleEvent): ConsoleState {
  switch (event.type) {
    case "linked": {
      const is_logged_out = state.is_logged_out && event.link.status !== "connected";
      return { ...state, link: event.link, is_logged_out };
    }
    case "logged_out":
      return { ...state, is_logged_out: true };
    case "known":
      return { ...state, me: event.me, presence: event.me.presence ?? state.presence };
    case "presence":
      return { ...state, presence: event.presence };
    case "list":
      return forget_others({ ...state, list: reduce_clientlist(state.list, event.event) });
    case "staff":
      return { ...state, staff: event.staff };
    case "opened": {
      const { room, front } = event;
      const tabs = state.tabs.includes(room) ? state.tabs : [...state.tabs, room];
      const rooms = state.rooms[room] ? state.rooms : { ...state.rooms, [room]: new_room(room, state.me.id) };
      const next = { ...state, tabs, rooms };
      if (front) return looked_at(choose(next, room, true), room);
      return state.active === null ? choose(next, room, false) : next;
    }
    case "closed_tab": {
      const at = state.tabs.indexOf(event.room);
      const tabs = state.tabs.filter((room) => room !== event.room);
      const rooms = event.kept ? state.rooms : without(state.rooms, event.room);
      const notes = event.kept ? state.notes : without(state.notes, event.room);
      const given = without(state.given, event.room);
      if (state.active !== event.room) return forget_others({ ...state, tabs, rooms, notes, given });
      const active = tabs[at] ?? tabs[at - 1] ?? null;
      const column = active === null ? "list" : state.column;
      return forget_others({ ...state, tabs, rooms, notes, given, active, profile_of: active, column });
    }
    case "chosen":
      return looked_at(choose(state, event.room, true), event.room);
    case "given":
      return { ...state, given: { ...state.given, [event.room]: true } };
    case "looked":
      return state.active === null ? state : looked_at(state, state.active);
    case "profile_wanted":
      return { ...state, profile_of: event.room, column: "profile" };
    case "profile":
      return { ...state, profiles: { ...state.profiles, [event.room]: event.profile } };
    case "column":
      return { ...state, column: event.column };
    case "noticed":
      return { ...state, notice: event.notice };
    case "busy":
      return {
        ...state,
        busy: event.busy ? { ...state.busy, [event.room]: true } : without(state.busy, event.room),
      };
    case "filter":
      return { ...state, filter: { ...state.filter, ...event.filter } };
    case "notes": {
      const notes = add_notes(state.notes[event.room] ?? NO_NOTES, event.notes, event.ready);
      return { ...state, notes: { ...state.notes, [event.room]: notes } };
    }
    case "draft_replaced": {
      const round = (state.draft_rounds[event.room] ?? 0) + 1;
      return { ...state, draft_rounds: { ...state.draft_rounds, [event.room]: round } };
    }
    case "standing":
      return { ...state, standing: event.standing };
    case "records":
      return { ...state, records: { ...state.records, ...event.records } };
    case "record": {
      const by_room = { ...state.records.by_room, [event.room]: event.record };
      return { ...state, records: { ...state.records, by_room, problems: {} } };
    }
    case "aids":
      return { ...state, aids: { ...state.aids, ...event.aids } };
    case "settings":
      return { ...state, settings: { ...state.settings, ...event.settings } };
    case "silent":
      return { ...state, silent: event.silent };
    case "blocks":
      return { ...state, blocks: { ...state.blocks, ...event.blocks } };
    case "groups":
      return { ...state, groups: event.groups };
    case "dialog":
      return { ...state, dialog: event.dialog };
    case "room": {
      const room = state.rooms[event.room];
      if (!room) return state;
      const next = reduce_any_room(room, event.event);
      return next === room ? state : { ...state, rooms: { ...state.rooms, [event.room]: next } };
    }
  }
}

/** What clients told, and what was written about them, is deleted one day: who is in no list and no tab any more is forgotten. */
function forget_others(state: ConsoleState): ConsoleState {
  const { list, rooms, profile_of, profiles, records } = state;
  const kept = (room: string) => room in list.entries || room in rooms || room === profile_of;
  if ([...Object.keys(profiles), ...Object.keys(records.by_room)].every(kept)) return state;
  const only = <T>(all: Record<string, T>) =>
    Object.fromEntries(Object.entries(all).filter(([room]) => kept(room)));
  return { ...state, profiles: only(profiles), records: { ...records, by_room: only(records.by_room) } };
}

function looked_at(state: ConsoleState, room: string): ConsoleState {
  return room in state.given ? { ...state, given: without(state.given, room) } : state;
}

function choose(state: ConsoleState, room: string, show: boolean): ConsoleState {
  return { ...state, active: room, profile_of: room, column: show ? "room" : state.column };
}
