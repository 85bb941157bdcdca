/**
 * Private notes over the wire: in go rooms one is in and what one writes, out come notes for the state. It listens first and fetches
 * second, and fetches again after a gap. What it writes goes to colleagues and never into the conversation.
 */

import type { Note } from "../state/desk_types.ts";
import { has_note_gap } from "../state/notes.ts";
import { new_nonce } from "../talk/asking.ts";
import type { Session, Subscription } from "../wamp/session.ts";
import type { Wire } from "./wire.ts";

const PAGE = 200;

export class Notebook {
  /** What is written and not yet kept, by room. */
  readonly drafts = new Map<string, string>();
  /** What was last tried: the same text again is the same note, as its answer may have been lost. */
  readonly #tries = new Map<string, { text: string; nonce: string }>();
  readonly #followed = new Map<string, { session: Session; subscription: Subscription | null }>();

  constructor(private readonly wire: Wire) {}

  /** From now on, on this session. */
  async follow(room: string, session: Session): Promise<void> {
    if (this.#followed.get(room)?.session === session) return;
    const followed = { session, subscription: null as Subscription | null };
    this.#followed.set(room, followed);
    try {
      followed.subscription = await this.wire.listen(session, `hotline.room.${room}.notes`, (kwargs) => {
        this.wire.dispatch({ type: "notes", room, notes: [kwargs as unknown as Note] });
        const notes = this.wire.state.notes[room];
        if (notes && has_note_gap(notes)) void this.#fetch(room);
      });
      await this.#fetch(room);
    } catch {
      // The next connection follows again.
    }
  }

  /** Hears nothing more of a room; what is being written about it stays. */
  unfollow(room: string): void {
    const followed = this.#followed.get(room);
    if (followed?.subscription) followed.session.unsubscribe(followed.subscription);
    this.#followed.delete(room);
  }

  forget(room: string): void {
    this.unfollow(room);
    this.drafts.delete(room);
    this.#tries.delete(room);
  }

  /** What is written becomes a note; what is added meanwhile stays. A refusal becomes a notice, and all stays. */
  async write(room: string): Promise<void> {
    const draft = this.drafts.get(room) ?? "";
    const text = draft.trim();
    const before = this.#tries.get(room);
    const { nonce } = before?.text === text ? before : { nonce: new_nonce() };
    this.#tries.set(room, { text, nonce });
    const note = await this.wire.ask<Note>("hotline.room.note", { room, text, nonce });
    if (!note) return;
    this.#tries.delete(room);
    const now = this.drafts.get(room) ?? "";
    if (now.startsWith(draft)) this.drafts.set(room, now.slice(draft.length).trimStart());
    this.wire.dispatch({ type: "notes", room, notes: [note] });
  }

  async #fetch(room: string): Promise<void> {
    for (let more = true; more; ) {
      const after = this.wire.state.notes[room]?.last ?? 0;
      const page = await this.wire.try_for<{ notes: Note[]; more: boolean }>("hotline.room.notes", {
        room,
        after,
        limit: PAGE,
      });
      if (!page || !this.#followed.has(room)) return;
      this.wire.dispatch({ type: "notes", room, notes: page.notes, ready: !page.more });
      more = page.more;
    }
  }
}
