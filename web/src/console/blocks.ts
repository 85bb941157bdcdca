/**
 * Clients who may not come back for some hours: in go decisions, out come requests, the list, and how many wait for somebody's agreement.
 * The list is fetched when it is looked at, and again when the server says that it has changed.
 */

import { tr } from "../i18n/texts.ts";
import type { Block } from "../state/desk_types.ts";
import type { Session } from "../wamp/session.ts";
import type { Wire } from "./wire.ts";

export class Blocks {
  constructor(private readonly wire: Wire) {}

  async opened(session: Session): Promise<void> {
    await this.wire.listen(session, "hotline.blocks", ({ unagreed }) => this.#changed(Number(unagreed)));
    await this.list();
  }

  async list(further = false): Promise<void> {
    const before = further ? (this.wire.state.blocks.list ?? []) : [];
    const found = await this.wire.try_for<{ blocks: Block[]; more: boolean }>("hotline.blocks.list", {
      after: before.length,
    });
    if (!found) return;
    const list = [...before, ...found.blocks];
    const unagreed = list.filter((one) => one.wanted_until).length;
    this.wire.dispatch({ type: "blocks", blocks: { list, more: found.more, unagreed } });
  }

  /** Ends the chat, if it has not ended; and its client begins no other one. Gives why it could not be, in words. */
  block(room: string, hours: number, reason: string): Promise<string> {
    return this.wire.submit<Block>("hotline.room.block", { room, hours, reason }, ({ wanted_until }) =>
      this.wire.notice(
        wanted_until
          ? tr("Blocked for one hour. A colleague has to agree to more.")
          : tr("The client is blocked."),
      ),
    );
  }

  async agree(id: string): Promise<void> {
    await this.wire.ask("hotline.blocks.agree", { id });
    await this.list();
  }

  async lift(id: string): Promise<void> {
    await this.wire.ask("hotline.blocks.lift", { id });
    await this.list();
  }

  #changed(unagreed: number): void {
    this.wire.dispatch({ type: "blocks", blocks: { unagreed } });
    if (this.wire.state.dialog === "blocks") void this.list();
  }
}
