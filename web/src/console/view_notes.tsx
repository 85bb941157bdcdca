/** Private notes beside the conversation: in go notes, out comes what is written. They look like no part of the chat, as they are none. */

import { useState } from "preact/hooks";
import { tr } from "../i18n/texts.ts";
import type { Note } from "../state/desk_types.ts";
import { clock_time, day_of } from "../views/times.ts";
import type { DeskProps } from "./actions.ts";
import { day_and_time } from "./waiting.ts";

const LONGEST = 5000;

export function NotesPanel(props: DeskProps) {
  const { state } = props;
  const room = state.profile_of;
  const notes = room ? state.notes[room] : undefined;
  if (!room || !notes) return null;
  return (
    <section class="notes" aria-label={tr("Private notes")}>
      <h2>{tr("Private notes")}</h2>
      <p class="soft">{tr("For consultants only. The client never sees them.")}</p>
      {notes.notes.map((note) => (
        <NoteView key={note.seq} note={note} {...props} />
      ))}
      <NoteForm key={room} room={room} {...props} />
    </section>
  );
}

function kind_of({ kind }: Note): string {
  if (kind === "handover") return tr("with the hand-over");
  return kind === "ask" ? tr("with asking in") : "";
}

function NoteView({ note, now }: DeskProps & { note: Note }) {
  const { at, text, sender } = note;
  const kind = kind_of(note);
  return (
    <div class="note" data-seq={note.seq} data-kind={note.kind}>
      <p class="note-text" dir="auto">
        {text}
      </p>
      <p class="note-meta">
        <bdi>{sender.name}</bdi> · {day_of(at) === day_of(now) ? clock_time(at) : day_and_time(at, now)}
        {kind && ` · ${kind}`}
      </p>
    </div>
  );
}

function NoteForm({ room, actions }: DeskProps & { room: string }) {
  // What is typed is no part of the state: here it is only drawn again.
  const text = actions.note_draft(room);
  const [, set_shown] = useState(text);
  const [busy, set_busy] = useState(false);
  const change = (next: string) => {
    actions.drafts_note(room, next);
    set_shown(next);
  };
  const submit = async (event: Event) => {
    event.preventDefault();
    if (!text.trim() || busy) return;
    set_busy(true);
    await actions.write_note(room);
    set_busy(false);
  };
  return (
    <form class="note-form" onSubmit={(event) => void submit(event)}>
      <label class="quiet" for="note-text">
        {tr("A new private note")}
      </label>
      <textarea
        id="note-text"
        rows={2}
        maxLength={LONGEST}
        value={text}
        placeholder={tr("A new private note")}
        dir="auto"
        onInput={(event) => change(event.currentTarget.value)}
      />
      <button type="submit" class="button" aria-disabled={busy || !text.trim()}>
        {tr("Keep the note")}
      </button>
    </form>
  );
}
