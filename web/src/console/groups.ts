/**
 * Groups of clients: in go what a consultant decides about one, out come requests, the list, and tabs. The list is fetched again when
 * the server says that a group, or who is in one, has changed.
 */

import { tr } from "../i18n/texts.ts";
import type { Group } from "../state/desk_types.ts";
import { group_of } from "../state/overview.ts";
import { sentence_of } from "../talk/asking.ts";
import type { Kwargs, Session } from "../wamp/session.ts";
import type { Chats } from "./chats.ts";
import { limit_of, type Wire } from "./wire.ts";

const AGAIN_MS = 300;

export class Groups {
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly wire: Wire,
    private readonly chats: Chats,
  ) {}

  async opened(session: Session): Promise<void> {
    await this.wire.listen(session, "hotline.groups", () => this.#changed());
    await this.#look();
  }

  /** Opens one and goes in; gives what is wrong with it, in words. */
  open(wish: Kwargs): Promise<string> {
    return this.#say("hotline.group.open", wish, ({ room }) => this.chats.open(room));
  }

  /** Says something else of one; gives what is wrong with it, in words. */
  change(room: string, wish: Kwargs): Promise<string> {
    return this.#say("hotline.group.set", { room, ...wish });
  }

  async mute(room: string, muted: boolean): Promise<void> {
    await this.wire.ask("hotline.group.mute", { room, muted });
  }

  /** A client, for good. */
  async remove(room: string, member: string): Promise<void> {
    await this.wire.ask("hotline.group.remove", { room, member });
  }

  /** A colleague goes on. */
  async leave(room: string): Promise<void> {
    if (await this.wire.ask("hotline.room.leave", { room })) this.chats.close_tab(room);
  }

  #say(procedure: string, wish: Kwargs, then: (group: Group) => void = () => {}): Promise<string> {
    const done = (group: Group) => {
      const others = this.wire.state.groups.filter((one) => one.room !== group.room);
      this.wire.dispatch({ type: "groups", groups: [group, ...others] });
      then(group);
      this.#changed();
    };
    const told = (error: unknown) => {
      const limit = limit_of(error);
      if (limit === null) return sentence_of(error);
      return tr("No more than {limit} groups at once. One has to end first.", { limit });
    };
    return this.wire.submit(procedure, wish, done, told);
  }

  #changed(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#look(), AGAIN_MS);
  }

  async #look(): Promise<void> {
    const groups = await this.wire.try_for<Group[]>("hotline.group.list");
    if (!groups) return;
    const { me, state } = this.wire;
    const newly = groups.find(
      (one) => one.asked.includes(me) && !one.closed_at && !group_of(state, one.room)?.asked.includes(me),
    );
    this.wire.dispatch({ type: "groups", groups });
    if (newly && this.chats.restored) {
      this.wire.notice(tr("You are asked into the group {name}.", { name: newly.name }));
    }
  }
}
