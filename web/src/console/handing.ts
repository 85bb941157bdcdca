/**
 * Who talks with whom: in go what a consultant decides about a room (claim, join, hand over, give back, ask in, take over, end, appoint),
 * out come requests, tabs and notices; of what was filled in, why it was refused. The server decides; every refusal is told.
 */

import { isolated, tr } from "../i18n/texts.ts";
import { name_of_room } from "../state/overview.ts";
import type { Chats } from "./chats.ts";
import { limit_of, refusal_of, type Wire } from "./wire.ts";

export class Handing {
  constructor(
    private readonly wire: Wire,
    private readonly chats: Chats,
  ) {}

  /** "Chat now": one of all who press it wins, the others are told who. */
  async claim(room: string): Promise<void> {
    await this.#take(room, "hotline.room.claim");
  }

  /** A manager looks in, or whoever was asked comes; visibly to all in the room. */
  async join(room: string): Promise<void> {
    await this.#take(room, "hotline.room.join");
  }

  /** A manager goes on instead of whoever serves the room. */
  async take_over(room: string): Promise<void> {
    await this.#take(room, "hotline.room.take_over");
  }

  async decline(room: string): Promise<void> {
    await this.wire.ask("hotline.room.decline", { room });
  }

  async end(room: string): Promise<void> {
    await this.wire.ask("hotline.room.close", { room });
  }

  hand_over(room: string, to: string, note: string): Promise<string> {
    const mine = this.#is_mine(room);
    return this.#ask_of("hotline.room.transfer", room, to, note, () => {
      this.wire.notice(tr("Handed over to {name}.", { name: this.#name_of(to) }));
      // Whoever served the room has left it with that; a manager who only looked in stays.
      if (mine) this.chats.close_tab(room);
    });
  }

  /** Back to the list, where the client waits at the place of its arrival. */
  release(room: string, note: string): Promise<string> {
    const mine = this.#is_mine(room);
    return this.wire.submit("hotline.room.release", { room, ...noted(note) }, () => {
      this.wire.notice(tr("The client waits for somebody else now."));
      if (mine) this.chats.close_tab(room);
    });
  }

  ask_in(room: string, to: string, note: string): Promise<string> {
    return this.#ask_of("hotline.room.ask", room, to, note, () =>
      this.wire.notice(tr("{name} was asked in.", { name: this.#name_of(to) })),
    );
  }

  async set_priority(room: string, priority: 0 | 1): Promise<void> {
    await this.wire.ask("hotline.room.set_priority", { room, priority });
  }

  /** Gives the client an appointment, or moves the one it has. */
  appoint(room: string, at: string, minutes: number): Promise<string> {
    return this.wire.submit("hotline.room.appoint", { room, at, minutes });
  }

  async cancel_appointment(room: string): Promise<void> {
    await this.wire.ask("hotline.room.cancel_appointment", { room });
  }

  #is_mine(room: string): boolean {
    return this.wire.state.list.entries[room]?.served_by?.id === this.wire.me;
  }

  #name_of(id: string): string {
    return this.wire.state.staff.find((one) => one.id === id)?.name ?? tr("your colleague");
  }

  /** Something of a colleague, whose limit it is then, not one's own. */
  #ask_of(procedure: string, room: string, to: string, note: string, done: () => void): Promise<string> {
    return this.wire.submit(procedure, { room, to, ...noted(note) }, done, (error) => {
      const limit = limit_of(error);
      if (limit === null) return refusal_of(error);
      const name = isolated(this.#name_of(to));
      return tr("{name} has {limit} chats already, which is the most.", { name, limit });
    });
  }

  async #take(room: string, procedure: string): Promise<void> {
    this.wire.dispatch({ type: "busy", room, busy: true });
    this.wire.notice("");
    const { typed } = this.chats;
    if (await this.wire.ask(procedure, { room })) {
      // Whoever went on writing to somebody else while the answer was on its way writes to them, and nobody else.
      const front = this.chats.typed === typed;
      this.chats.open(room, front);
      const name = isolated(name_of_room(this.wire.state, room));
      if (!front) this.wire.notice(tr("{name} is with you from now on.", { name }));
    }
    this.wire.dispatch({ type: "busy", room, busy: false });
  }
}

function noted(note: string): { note?: string } {
  return note ? { note } : {};
}
