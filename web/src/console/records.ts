/**
 * Ended conversations, what is to be written about them, and who opened them: in go what a consultant asks for and fills in, out come lists, the form and
 * records for the state. What it does not get it leaves as it was.
 */

import { spoken, tr } from "../i18n/texts.ts";
import type { Records as RecordsState } from "../state/console.ts";
import type { Ended, Opening, RecordForm, RoomRecord } from "../state/desk_types.ts";
import type { Answers } from "../state/types.ts";
import { uri_of } from "../talk/asking.ts";
import type { WampError } from "../wamp/session.ts";
import { refusal_of, type Wire } from "./wire.ts";

const PAGE = 50;

export class Records {
  /** What ended conversations are looked for by, and how far that has come. */
  #search = "";
  #before: string | null = null;
  /** What is filled in and not yet saved, by room. */
  readonly drafts = new Map<string, Record<string, string[]>>();

  constructor(private readonly wire: Wire) {}

  /** What is asked for now, as managers may have changed it, and of which rooms nobody has written it. */
  async look(): Promise<void> {
    const form = await this.wire.try_for<RecordForm>("hotline.record.form", { language: spoken() });
    if (!form) return;
    this.#change({ form });
    const missing = form.required
      ? await this.wire.try_for<RecordsState["missing"]>("hotline.record.missing")
      : [];
    if (missing) this.#change({ missing });
  }

  /** The newest ended conversations, or those before the last one looked at; of those only what has the words. */
  async list_ended(further: boolean, search = this.#search): Promise<void> {
    this.#search = search;
    const known = further ? (this.wire.state.records.ended ?? []) : [];
    const page = await this.wire.ask<{ rooms: Ended[]; more: boolean; before: string | null }>(
      "hotline.clientlist.closed",
      { before: further ? this.#before : null, limit: PAGE, search },
    );
    if (!page || search !== this.#search) return;
    this.#before = page.before;
    this.#change({ ended: [...known, ...page.rooms], more: page.more });
  }

  hide_ended(): void {
    this.#search = "";
    this.#change({ ended: null, more: false });
  }

  /** Who took, was handed or opened a conversation; null: one may not know. */
  openings(room: string): Promise<Opening[] | null> {
    return this.wire.ask<Opening[]>("hotline.audit.of_room", { room });
  }

  async fetch(room: string): Promise<void> {
    const record = await this.wire.try_for<RoomRecord>("hotline.record.get", { room });
    if (record) this.wire.dispatch({ type: "record", room, record });
  }

  correct(problems: Record<string, string>): void {
    this.#change({ problems });
  }

  async save(room: string, answers: Answers): Promise<void> {
    try {
      await this.wire.call("hotline.record.save", { room, answers });
    } catch (error) {
      const invalid = uri_of(error) === "hotline.error.invalid" ? (error as WampError).kwargs : {};
      const problems = Object.fromEntries(
        Object.keys(invalid).map((field) => [field, tr("Please check this.")]),
      );
      this.correct(Object.keys(problems).length > 0 ? problems : { "": refusal_of(error) });
      return;
    }
    this.drafts.delete(room);
    await this.fetch(room);
    await this.look();
  }

  #change(records: Partial<RecordsState>): void {
    this.wire.dispatch({ type: "records", records });
  }
}
