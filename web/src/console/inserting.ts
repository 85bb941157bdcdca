/** What is put into the composer: in go a room and a text, out comes the text in its box, at the caret, as if it had been typed. It sends nothing. */

import { filled, type ReadyAnswer } from "../state/aids.ts";
import { name_of_room } from "../state/overview.ts";
import type { DeskProps } from "./actions.ts";

export function composer_id(room: string): string {
  return `composer-${room}`;
}

export function composer_of(room: string | null): HTMLTextAreaElement | null {
  return room === null ? null : (document.getElementById(composer_id(room)) as HTMLTextAreaElement | null);
}

/** In the place of what stands between start and end. */
export function insert(area: HTMLTextAreaElement, start: number, end: number, text: string): void {
  area.focus();
  area.setSelectionRange(start, end);
  // The only way that can be undone with Ctrl Z; where there is none, the box is told of its new text.
  if (document.execCommand("insertText", false, text)) return;
  area.setRangeText(text, start, end, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

/** The language of a room's client, as far as it is known. */
export function language_of({ state }: DeskProps, room: string | null): string | null {
  if (room === null) return null;
  return state.list.entries[room]?.language ?? state.profiles[room]?.language ?? null;
}

/** A ready answer with the names of this conversation. */
export function answer_text(
  { state, organisation }: DeskProps,
  room: string | null,
  answer: ReadyAnswer,
): string {
  const client = name_of_room(state, room ?? "");
  return filled(answer.text, { client, consultant: state.me.name, organisation });
}
