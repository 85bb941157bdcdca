/**
 * What is typed and not yet sent, kept for all of a consultant's devices: in go what is typed here and what was typed elsewhere, out
 * come the texts to show. The last one to type wins; it is no part of the state, so that typing draws nothing.
 */

import type { Session } from "../wamp/session.ts";
import type { Wire } from "./wire.ts";

const KEEP_EVERY_MS = 1_000;
const LONGEST = 5000;

interface Draft {
  text: string;
  /** What stood here when it was taken away elsewhere: with the end of a chat, if it was not sent. */
  unsent: string;
  /** What the server has, and since when, as far as it has said so. */
  kept: string;
  kept_at: string;
  timer: ReturnType<typeof setTimeout> | undefined;
  /** How many texts are on their way. */
  sending: number;
}

export class Drafts {
  readonly #drafts = new Map<string, Draft>();

  constructor(private readonly wire: Wire) {}

  text(room: string): string {
    return this.#drafts.get(room)?.text ?? "";
  }

  /** What was written in a room in which nothing can be written any more. */
  unsent(room: string): string {
    const { text = "", unsent = "" } = this.#drafts.get(room) ?? {};
    return text || unsent;
  }

  async opened(session: Session): Promise<void> {
    await this.wire.listen(session, `hotline.me.${this.wire.me}.drafts`, ({ room, text, at }) =>
      this.#heard(String(room), String(text), at as string | null),
    );
    const drafts = await this.wire.try_for<{ room: string; text: string; at: string }[]>("hotline.me.drafts");
    if (!drafts) return;
    for (const { room, text, at } of drafts) this.#heard(room, text, at);
    const there = new Set(drafts.map((one) => one.room));
    for (const [room, draft] of this.#drafts) {
      if (!there.has(room)) this.#heard(room, "", null);
      // What was typed while there was no connection, or was lost with it.
      if (draft.text !== draft.kept) this.#keep_soon(room, draft);
    }
  }

  types(room: string, text: string): void {
    const draft = this.#draft(room);
    Object.assign(draft, { text, unsent: "" });
    this.#keep_soon(room, draft);
  }

  forget(room: string): void {
    const draft = this.#drafts.get(room);
    if (draft) void this.#keep(room, draft);
    this.#drafts.delete(room);
  }

  /** The page may go away: keep at once what has not been kept. */
  keep_all(): void {
    for (const [room, draft] of this.#drafts) void this.#keep(room, draft);
  }

  has_unkept(): boolean {
    return [...this.#drafts.values()].some(({ text, kept }) => text !== kept);
  }

  #draft(room: string): Draft {
    const known = this.#drafts.get(room);
    if (known) return known;
    const draft: Draft = { text: "", unsent: "", kept: "", kept_at: "", timer: undefined, sending: 0 };
    this.#drafts.set(room, draft);
    return draft;
  }

  /** What the server has; without a time: nothing any more. */
  #heard(room: string, text: string, at: string | null): void {
    const draft = this.#draft(room);
    // Our own words come back, too, perhaps after newer ones were kept.
    if (at !== null && at <= draft.kept_at) return;
    const is_typing = draft.text !== draft.kept;
    Object.assign(draft, { kept: text, kept_at: at ?? draft.kept_at });
    if (draft.text === text) return;
    // What is being typed here is newer.
    if (is_typing) {
      this.#keep_soon(room, draft);
      return;
    }
    Object.assign(draft, { text, unsent: text ? "" : draft.text });
    this.wire.dispatch({ type: "draft_replaced", room });
  }

  #keep_soon(room: string, draft: Draft): void {
    if (draft.timer || draft.sending > 0) return;
    draft.timer = setTimeout(() => void this.#keep(room, draft), KEEP_EVERY_MS);
  }

  /** It is kept when the server says so, and not before: what was lost on the way goes again with the next connection. */
  async #keep(room: string, draft: Draft): Promise<void> {
    clearTimeout(draft.timer);
    draft.timer = undefined;
    const { text } = draft;
    if (text === draft.kept || text.length > LONGEST || !this.wire.connection.session) return;
    draft.sending += 1;
    const done = await this.wire.try_for<{ at: string }>("hotline.me.set_draft", { room, text });
    draft.sending -= 1;
    if (!done) return;
    if (done.at > draft.kept_at) Object.assign(draft, { kept: text, kept_at: done.at });
    if (draft.text !== draft.kept && this.#drafts.get(room) === draft) this.#keep_soon(room, draft);
  }
}
