/**
 * The clientlist: in go what was fetched and each change heard, out comes the list of waiting and served clients in their order.
 * Changes heard while a fetch is under way are applied after it, so that an old answer never hides a new change. Pure.
 */

import type { Entry } from "./desk_types.ts";

export interface Clientlist {
  entries: Record<string, Entry>;
  /** Changes heard while the list is being fetched; null when it is not. */
  early: Change[] | null;
  ready: boolean;
}

export interface Change {
  change: "added" | "updated" | "removed";
  room: Entry;
}

export type ClientlistEvent =
  | { type: "fetching" }
  | { type: "fetched"; entries: Entry[] }
  | { type: "changed"; change: Change };

export const EMPTY_CLIENTLIST: Clientlist = { entries: {}, early: null, ready: false };

function apply(entries: Record<string, Entry>, { change, room }: Change): Record<string, Entry> {
  const next = { ...entries };
  if (change === "removed") delete next[room.room];
  // What a line does not say any more is over.
  else next[room.room] = room;
  return next;
}

export function reduce_clientlist(state: Clientlist, event: ClientlistEvent): Clientlist {
  switch (event.type) {
    case "fetching":
      return { ...state, early: [] };
    case "fetched": {
      let entries: Record<string, Entry> = {};
      for (const entry of event.entries) entries[entry.room] = entry;
      for (const change of state.early ?? []) entries = apply(entries, change);
      return { entries, early: null, ready: true };
    }
    case "changed":
      return {
        ...state,
        entries: apply(state.entries, event.change),
        early: state.early && [...state.early, event.change],
      };
  }
}

function by_since(a: Entry, b: Entry): number {
  return a.since < b.since ? -1 : a.since > b.since ? 1 : a.room < b.room ? -1 : 1;
}

/** The server's order: who lost its consultant, then who is urgent, then who has come to an appointment, then who came first. */
function by_turn(a: Entry, b: Entry): number {
  const vanished = Number(Boolean(b.vanished_since)) - Number(Boolean(a.vanished_since));
  return vanished || (b.priority ?? 0) - (a.priority ?? 0) || by_appointment(a, b) || by_since(a, b);
}

function by_appointment({ appointment: a }: Entry, { appointment: b }: Entry): number {
  if (a?.kept && b?.kept) return a.at < b.at ? -1 : a.at > b.at ? 1 : 0;
  return Number(Boolean(b?.kept)) - Number(Boolean(a?.kept));
}

/** Appointments whose client has not come yet, the next one first. */
export function appointed_entries(state: Clientlist): Entry[] {
  return Object.values(state.entries)
    .filter(({ appointment }) => appointment && !appointment.kept)
    .sort((a, b) => ((a.appointment?.at ?? "") < (b.appointment?.at ?? "") ? -1 : 1));
}

/** Those who wait for their turn, in turn: the place of each is its place here, an entry's own `position` is as old as its last change. */
export function waiting_entries(state: Clientlist): Entry[] {
  return Object.values(state.entries)
    .filter((entry) => entry.status === "waiting" && !entry.left_message)
    .sort(by_turn);
}

/** Messages left while nobody was there, that nobody has taken up yet. */
export function left_entries(state: Clientlist): Entry[] {
  return Object.values(state.entries)
    .filter((entry) => entry.status === "waiting" && entry.left_message)
    .sort(by_turn);
}

/** Where I am asked in first, then mine, then in order of time. */
export function served_entries(state: Clientlist, me: string): Entry[] {
  const rank = (entry: Entry) => (entry.asked?.includes(me) ? 0 : entry.served_by?.id === me ? 1 : 2);
  return Object.values(state.entries)
    .filter((entry) => entry.status === "active")
    .sort((a, b) => rank(a) - rank(b) || by_since(a, b));
}

export interface Filter {
  /** Part of a name or of a topic. */
  text: string;
  show: "all" | "mine" | "urgent";
  /** A language, or "" for all. */
  language: string;
  sort: Sort;
}

/** `turn`: as they wait, and as they are served. */
export type Sort = "turn" | "wait" | "name" | "topic" | "language";

export const NO_FILTER: Filter = { text: "", show: "all", language: "", sort: "turn" };

/** The same entries in the order somebody wants to read them; among equals it stays as it was. */
export function sorted(entries: Entry[], sort: Sort): Entry[] {
  if (sort === "turn") return entries;
  if (sort === "wait") return [...entries].sort(by_since);
  // What says nothing comes last.
  const key = (entry: Entry) => entry[sort] ?? "\uffff";
  return [...entries].sort((a, b) => key(a).localeCompare(key(b)));
}

/** Since when whoever waits longest has waited. */
export function longest_since(entries: Entry[]): string | undefined {
  return sorted(entries, "wait")[0]?.since;
}

export function is_filtering({ text, show, language }: Filter): boolean {
  return text.trim() !== "" || show !== "all" || language !== "";
}

export function passes(entry: Entry, { text, show, language }: Filter, me: string): boolean {
  if (show === "mine" && !concerns(entry, me)) return false;
  if (show === "urgent" && !entry.priority && !entry.vanished_since) return false;
  if (language && entry.language !== language) return false;
  const wanted = text.trim().toLowerCase();
  return !wanted || `${entry.name} ${entry.topic ?? ""}`.toLowerCase().includes(wanted);
}

/** Whether somebody serves it, is in it, or is asked in. */
function concerns({ served_by, members, asked }: Entry, me: string): boolean {
  return (
    served_by?.id === me || Boolean(asked?.includes(me)) || Boolean(members?.some((one) => one.id === me))
  );
}

/** The languages there are to choose from. */
export function languages_of(state: Clientlist): string[] {
  const all = Object.values(state.entries).flatMap((entry) => entry.language ?? []);
  return [...new Set(all)].sort();
}
