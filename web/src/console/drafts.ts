/**
 * What is typed and not yet sent, kept for all of a consultant's devices: in go what is typed here and what was typed elsewhere, out
 * come the texts to show. The last one to type wins; it is no part of the state, so that typing draws nothing.
 */

import type { Session } from "../wamp/session.ts";
import type { Wire } from "./wire.ts";

const KEEP_EVERY_MS = 1_000;
const LONGEST = 5000;

export class Drafts {
  readonly #texts = new Map<string, string>();
  /** What the server has, as far as it is known here. */
  readonly #kept = new Map<string, string>();
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(private readonly wire: Wire) {}

  text(room: string): string {
    return this.#texts.get(room) ?? "";
  }

  async opened(session: Session): Promise<void> {
    await this.wire.listen(session, `hotline.me.${this.wire.me}.drafts`, ({ room, text }) =>
      this.#heard(String(room), String(text)),
    );
    const drafts = await this.wire.try_for<{ room: string; text: string }[]>("hotline.me.drafts");
    for (const { room, text } of drafts ?? []) this.#heard(room, text);
    // What was typed while there was no connection.
    for (const [room, text] of this.#texts) if (text !== (this.#kept.get(room) ?? "")) this.#keep_soon(room);
  }

  types(room: string, text: string): void {
    this.#texts.set(room, text);
    this.#keep_soon(room);
  }

  forget(room: string): void {
    if (this.#timers.has(room)) this.#keep(room);
    this.#texts.delete(room);
    this.#kept.delete(room);
  }

  /** The page may go away: keep at once what has not been kept. */
  keep_all(): void {
    for (const room of [...this.#timers.keys()]) this.#keep(room);
  }

  #heard(room: string, text: string): void {
    // Our own words come back too, and what is being typed here is newer.
    if (this.#timers.has(room) || this.#kept.get(room) === text) return;
    this.#kept.set(room, text);
    if (this.text(room) === text) return;
    this.#texts.set(room, text);
    this.wire.dispatch({ type: "draft_replaced", room });
  }

  #keep_soon(room: string): void {
    if (this.#timers.has(room)) return;
    this.#timers.set(
      room,
      setTimeout(() => this.#keep(room), KEEP_EVERY_MS),
    );
  }

  #keep(room: string): void {
    clearTimeout(this.#timers.get(room));
    this.#timers.delete(room);
    const text = this.text(room);
    if (text === (this.#kept.get(room) ?? "") || text.length > LONGEST || !this.wire.connection.session)
      return;
    this.#kept.set(room, text);
    void this.wire.try_for("hotline.me.set_draft", { room, text });
  }
}
