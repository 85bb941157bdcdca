/**
 * The clientlist: in go what was fetched and each change heard, out comes the list of waiting and served clients. Changes heard
 * while a fetch is under way are kept and applied after it, so that an old answer never hides a new change. Pure.
 */

import type { Entry } from "./types.ts";

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
  else next[room.room] = { ...next[room.room], ...room };
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

/** In order of arrival. The place is one's place in this list: an entry's own `position` is as old as its last change. */
export function waiting_entries(state: Clientlist): Entry[] {
  return Object.values(state.entries)
    .filter((entry) => entry.status === "waiting")
    .sort(by_since)
    .map((entry, index) => ({ ...entry, position: index + 1 }));
}

/** Mine first, then in order of time. */
export function served_entries(state: Clientlist, me: string): Entry[] {
  const mine = (entry: Entry) => (entry.served_by?.id === me ? 0 : 1);
  return Object.values(state.entries)
    .filter((entry) => entry.status === "active")
    .sort((a, b) => mine(a) - mine(b) || by_since(a, b));
}
