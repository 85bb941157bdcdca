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
  }

  /** Whether it was kept; a refusal becomes a notice, and what was written stays. */
  async write(room: string, text: string): Promise<boolean> {
    const note = await this.wire.ask<Note>("hotline.room.note", { room, text, nonce: new_nonce() });
    if (note) this.wire.dispatch({ type: "notes", room, notes: [note] });
    return note !== null;
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
