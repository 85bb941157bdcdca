/** The private notes about a room: in go those fetched and heard, out come they in order, each once. Clients never have any. Pure. */

import type { Note } from "./desk_types.ts";

export interface Notes {
  notes: Note[];
  /** The log of notes is whole up to this seq. */
  last: number;
  ready: boolean;
}

export const NO_NOTES: Notes = { notes: [], last: 0, ready: false };

/** Whether a note came before the ones it follows. */
export function has_note_gap({ notes, last }: Notes): boolean {
  return (notes.at(-1)?.seq ?? 0) > last;
}

export function add_notes(state: Notes, added: Note[], ready = state.ready): Notes {
  const by_seq = new Map([...state.notes, ...added].map((note) => [note.seq, note]));
  let { last } = state;
  while (by_seq.has(last + 1)) last += 1;
  const notes = [...by_seq.values()].sort((a, b) => a.seq - b.seq);
  return { notes, last, ready };
}
