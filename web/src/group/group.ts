/**
 * A group's client over the wire: in go sessions and what the client does, out come events for the state. It looks what the group is
 * like, comes in, talks, leaves, comes back, and deletes what it said; it shows nothing.
 */

import { device_name, type Identity } from "../client/identity.ts";
import { ClientSide, type SideParts } from "../client/side.ts";
import { tr } from "../i18n/texts.ts";
import type { GroupPageEvent, GroupPageState, Reason } from "../state/group_page.ts";
import type { RoomEvent } from "../state/room.ts";
import type { Description, Joined, ShownGroup } from "../state/types.ts";
import { new_nonce, patiently, uri_of } from "../talk/asking.ts";
import { LOST, type Session, WampError } from "../wamp/session.ts";
import { keep_word, kept_word } from "./device.ts";

/** What somebody filled in. */
export interface Filled {
  name: string;
  consent: boolean;
}

export class Group extends ClientSide<GroupPageState, GroupPageEvent> {
  /** @param code - Of the group, as in the page's address; empty: there is none. */
  constructor(
    parts: SideParts<GroupPageState, GroupPageEvent>,
    private readonly code: string,
  ) {
    super(parts);
  }

  enter(filled: Filled): Promise<void> {
    const { code, nonce } = this;
    const { realm, language } = this.parts;
    const device = device_name(realm) ?? kept_word(realm, code) ?? new_nonce();
    return this.become("enter_group", { ...filled, code, nonce, language: language(), device });
  }

  /** After leaving: as the same one. */
  come_back(): void {
    const identity = this.left;
    if (!identity) return;
    this.left = null;
    this.parts.keeper.set(identity);
    this.#enter_as(identity);
  }

  /** Deletes all that this client said here, and its name; it is in the group no more. */
  delete_said(): Promise<void> {
    // Nobody is to think that they were taken out, when that is what they asked for.
    this.talk?.put_away();
    return this.ask_of_room("delete", {}, () => this.#deleted());
  }

  protected override async ask_anew(session: Session): Promise<void> {
    const { code } = this;
    const { realm, language, keeper } = this.parts;
    const call = <T>(what: string, kwargs: object) =>
      patiently(() => session.call<T>(`hotline.anteroom.${what}`, { ...kwargs }));
    try {
      const device = device_name(realm);
      const description = await call<Description>("describe", { language: language(), device });
      this.tell({ type: "described", description });
      if (!code) throw new WampError("hotline.error.not_found");
      const group = await call<ShownGroup>("group", { code });
      if (group.ended) keep_word(realm, code);
      this.tell({ type: "found", group });
      const identity = keeper.get();
      if (this.state.screen === "form" && identity) this.#enter_as(identity);
      else if (this.state.screen === "form" && description.service === "blocked")
        this.tell({ type: "kept_out", reason: "blocked", until: description.opens_at ?? "" });
      this.#wait(session);
    } catch (error) {
      if (uri_of(error) === "hotline.error.not_found") {
        keep_word(realm, code);
        this.tell({ type: "unknown" });
      } else if (uri_of(error) !== LOST) this.ask_later(session);
    }
  }

  protected override on_refusal(error: unknown, what: string): void {
    const uri = uri_of(error);
    const entering = what === "enter_group";
    if (uri === "hotline.error.not_found") {
      // Somebody deleted it before, from another window, or all of the group is gone.
      if (entering) this.tell({ type: "unknown" });
      else this.#deleted();
    } else if (entering && reason_of(error)) this.#keep_out(error);
    else if (uri === "hotline.error.invalid" && "name" in (error as WampError).kwargs)
      this.correct({ name: tr("This name is taken or cannot be used here. Please choose another one.") });
    else {
      this.refuse(error);
      const { session } = this.connection;
      const { room, screen } = this.state;
      if (!entering && session && room && screen === "room") this.talk_in(session, room.room);
    }
  }

  protected override on_room(room: string, event: RoomEvent): void {
    const before = this.state.room;
    if (before?.room !== room) return;
    if (event.type === "gone") {
      if (before.status !== "closed") void this.#find_out(room);
      return;
    }
    const is_muted = event.type === "refused" && before.group?.muted;
    const reason = tr("For a while only those who lead the group can write.");
    this.tell({ type: "room", event: is_muted ? { ...event, reason } : event });
    const heard =
      event.type === "received" ? [event.message] : event.type === "fetched" ? event.messages : [];
    const as_of = before.group?.as_of ?? 0;
    if (heard.some(({ kind, seq }) => kind === "changed" && seq > as_of)) void this.#look_again(room);
  }

  #enter_as({ client, room }: Identity): void {
    const { session } = this.connection;
    this.tell({ type: "returned", client, room });
    if (session) this.talk_in(session, room);
  }

  #deleted(): void {
    if (this.state.screen === "away") this.forget();
    else this.start_again();
    this.tell({ type: "deleted" });
  }

  /** What the group says of itself has changed. */
  async #look_again(room: string): Promise<void> {
    const { session } = this.connection;
    try {
      const joined = session && (await session.call<Joined>("hotline.room.join", { room }));
      if (joined) this.on_room(room, { type: "joined", joined });
    } catch {
      // Whoever comes back after a cut hears of it, too.
    }
  }

  /** This client is in the room no more: whether it left in another window, was taken out, or may come back. */
  async #find_out(room: string): Promise<void> {
    const { session } = this.connection;
    const { messages = [], me } = this.state.room ?? {};
    const last = messages.findLast(({ sender }) => sender?.id === me);
    if (last && /^left/.test(last.kind)) {
      this.forget();
      this.tell({ type: "left" });
      return;
    }
    try {
      if (!session) return;
      await patiently(() => session.call("hotline.room.join", { room }));
      this.talk_in(session, room);
    } catch (error) {
      if (reason_of(error)) this.#keep_out(error);
      else if (uri_of(error) !== LOST) this.start_again(true);
    }
  }

  #keep_out(error: unknown): void {
    const { code } = this;
    const { realm, keeper } = this.parts;
    const { session } = this.connection;
    const reason = reason_of(error) as Reason;
    const { until } = (error as WampError).kwargs;
    if (reason === "removed") keep_word(realm, code, keeper.get()?.device ?? kept_word(realm, code));
    this.talk?.put_away();
    this.tell({ type: "kept_out", reason, until: String(until ?? "") });
    if (session) this.#wait(session);
  }

  /** For the beginning, or for a place. */
  #wait(session: Session): void {
    const { screen, reason } = this.state;
    if (screen === "away" && (reason === "not_yet" || reason === "full")) this.ask_later(session);
  }
}

/** Why somebody may not come in, as far as there is a screen for it. */
function reason_of(error: unknown): Reason | null {
  if (uri_of(error) === "hotline.error.room_closed") return "over";
  const reason = error instanceof WampError ? error.kwargs.reason : null;
  return (["not_yet", "full", "removed", "blocked"] as const).find((one) => one === reason) ?? null;
}
