/**
 * Ready answers and referrals over the wire: in go sessions and what rings, out come whole lists for the state. It listens first and
 * fetches second; what changes while it fetches is newer than what comes. Referrals are fetched when they are first wanted.
 */

import type { Aids as AidsState, ReadyAnswer, Referral } from "../state/aids.ts";
import type { Kwargs, Session } from "../wamp/session.ts";
import type { Wire } from "./wire.ts";

const PAGE = 200;

/** A list kept up to date. */
class Kept<T extends { id: string }> {
  #items = new Map<string, T>();
  /** What was heard while fetching. */
  #late: (() => void)[] | null = null;
  #round = 0;

  constructor(
    private readonly wire: Wire,
    private readonly procedure: string,
    private readonly items_key: string,
    private readonly item_key: string,
    private readonly show: (items: T[]) => void,
  ) {}

  heard(kwargs: Kwargs): void {
    if (kwargs.change === "missed") {
      void this.fetch();
      return;
    }
    const item = kwargs[this.item_key] as T;
    const apply = () => {
      if (kwargs.change === "removed") this.#items.delete(item.id);
      else this.#items.set(item.id, item);
    };
    this.#late?.push(apply);
    apply();
    this.show([...this.#items.values()]);
  }

  async fetch(): Promise<void> {
    this.#round += 1;
    const round = this.#round;
    this.#late = [];
    const items = new Map<string, T>();
    let after: string | null = null;
    for (let more = true; more; ) {
      const page: Record<string, unknown> | null = await this.wire.try_for(this.procedure, {
        after,
        limit: PAGE,
      });
      // The next connection, or whoever fetches meanwhile, does it all again.
      if (!page || round !== this.#round) return;
      for (const item of page[this.items_key] as T[]) {
        items.set(item.id, item);
        after = item.id;
      }
      more = page.more === true;
    }
    const late = this.#late;
    this.#items = items;
    this.#late = null;
    for (const apply of late) apply();
    this.show([...this.#items.values()]);
  }
}

export class Aids {
  readonly #answers: Kept<ReadyAnswer>;
  readonly #referrals: Kept<Referral>;
  #are_referrals_wanted = false;

  constructor(private readonly wire: Wire) {
    const change = (aids: Partial<AidsState>) => wire.dispatch({ type: "aids", aids });
    this.#answers = new Kept(wire, "hotline.answers.list", "answers", "answer", (answers) =>
      change({ answers }),
    );
    this.#referrals = new Kept(wire, "hotline.referrals.list", "referrals", "referral", (referrals) =>
      change({ referrals }),
    );
  }

  async opened(session: Session): Promise<void> {
    const heard = (kwargs: Kwargs) => this.#answers.heard(kwargs);
    await this.wire.listen(session, "hotline.answers", heard);
    await this.wire.listen(session, `hotline.me.${this.wire.me}.answers`, heard);
    await this.#answers.fetch();
    if (this.#are_referrals_wanted) await this.#open_referrals(session);
  }

  /** From now on they are kept up to date. */
  want_referrals(): void {
    if (this.#are_referrals_wanted) return;
    this.#are_referrals_wanted = true;
    const { session } = this.wire.connection;
    if (session) this.#open_referrals(session).catch(() => {});
  }

  async #open_referrals(session: Session): Promise<void> {
    await this.wire.listen(session, "hotline.referrals", (kwargs) => this.#referrals.heard(kwargs));
    await this.#referrals.fetch();
  }
}
