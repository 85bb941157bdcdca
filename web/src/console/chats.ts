/**
 * The open rooms of a consultant: in go sessions, tabs and what is typed, out come room events for the state. It opens, attaches, puts
 * away and forgets conversations; who serves whom is decided elsewhere.
 */

import type { Profile, ReadingPlace } from "../state/desk_types.ts";
import { group_of } from "../state/overview.ts";
import type { RoomEvent } from "../state/room.ts";
import { uri_of } from "../talk/asking.ts";
import { Conversation } from "../talk/conversation.ts";
import { LOST, type Session } from "../wamp/session.ts";
import type { Drafts } from "./drafts.ts";
import type { Notebook } from "./notebook.ts";
import type { Wire } from "./wire.ts";

/** The tabs that were open, kept for a reload. */
export interface TabKeeper {
  read(): { tabs: string[]; active: string | null };
  write(tabs: string[], active: string | null): void;
}

/** Half of what one click fetches elsewhere: it is drawn while somebody scrolls, and shall fit between two frames. */
const EARLIER_AT_ONCE = 25;

export class Chats {
  /** Where one was reading in a chat that is not in front. */
  readonly places = new Map<string, ReadingPlace>();
  readonly #conversations = new Map<string, Conversation>();
  #restored = false;
  #typed = 0;

  constructor(
    private readonly wire: Wire,
    private readonly keeper: TabKeeper,
    private readonly drafts: Drafts,
    private readonly notebook: Notebook,
  ) {}

  /** Before the list is there, any change of a room of mine looks like a new one. */
  get restored(): boolean {
    return this.#restored;
  }

  /** How often something was typed to anybody. */
  get typed(): number {
    return this.#typed;
  }

  /** Whether one is in it here; a room that was lost is not. */
  is_in(room: string): boolean {
    return this.#conversations.has(room) && !this.wire.state.rooms[room]?.gone;
  }

  /** Opens a tab on a room one may already enter, also anew on one that was lost. */
  open(room: string, front = true): void {
    this.wire.dispatch({ type: "opened", room, front });
    this.#keep_tabs();
    void this.fetch_profile(room);
    if (this.is_in(room)) {
      this.#conversations.get(room)?.looked();
      return;
    }
    const conversation = this.#conversations.get(room) ?? this.#new_conversation(room);
    const { session } = this.wire.connection;
    if (session) void this.#attach(conversation, session);
  }

  #new_conversation(room: string): Conversation {
    const conversation = new Conversation({
      room,
      state: () => this.wire.state.rooms[room],
      dispatch: (event) => this.#room_event(room, event),
      is_looking: () => this.wire.is_visible() && this.wire.state.active === room,
    });
    this.#conversations.set(room, conversation);
    return conversation;
  }

  choose(room: string): void {
    this.wire.dispatch({ type: "chosen", room });
    this.#keep_tabs();
    this.#conversations.get(room)?.looked();
  }

  /** Where one was reading, as long as the tab is there. */
  keep_place(room: string, place: ReadingPlace | undefined): void {
    if (place && this.wire.state.tabs.includes(room)) this.places.set(room, place);
    else this.places.delete(room);
  }

  /** Puts a tab away; the conversation goes on, and what is said in a room I serve is still counted. */
  close_tab(room: string): void {
    this.places.delete(room);
    const kept = this.#serves(room);
    this.wire.dispatch({ type: "closed_tab", room, kept });
    this.#keep_tabs();
    if (!kept) this.#forget(room);
    this.looked();
  }

  show_profile(room: string): void {
    this.wire.dispatch({ type: "profile_wanted", room });
    void this.fetch_profile(room);
  }

  say(room: string, text: string): void {
    this.#conversations.get(room)?.say(text);
  }

  types(room: string, draft: string): void {
    this.#typed += 1;
    this.drafts.types(room, draft);
    this.#conversations.get(room)?.types(draft.trim() !== "");
  }

  try_again(room: string, nonce: string): void {
    this.#conversations.get(room)?.try_again(nonce);
  }

  give_up(room: string, nonce: string): void {
    this.wire.dispatch({ type: "room", room, event: { type: "given_up", nonce } });
  }

  fetch_earlier(room: string): void {
    void this.#conversations.get(room)?.fetch_earlier(EARLIER_AT_ONCE);
  }

  /** Says something else in one's last message, or nothing; gives what went wrong, in words. */
  async correct(room: string, seq: number, text: string | null): Promise<string> {
    return (await this.#conversations.get(room)?.correct(seq, text)) ?? "";
  }

  /** The page came before the consultant's eyes again, or another tab did. */
  looked(): void {
    const { active } = this.wire.state;
    if (active) this.#conversations.get(active)?.looked();
  }

  detach(): void {
    for (const one of this.#conversations.values()) one.detach();
  }

  /** Rooms without a tab that are not mine any more are of no interest. */
  tidy(): void {
    for (const room of this.#conversations.keys()) {
      if (!this.wire.state.tabs.includes(room) && !this.#serves(room)) this.#forget(room);
    }
  }

  /** The tabs of before the reload, and every room I serve. */
  restore_tabs(): void {
    if (this.#restored) return;
    this.#restored = true;
    const mine = Object.values(this.wire.state.list.entries)
      .filter((entry) => entry.served_by?.id === this.wire.me)
      .map((entry) => entry.room);
    const { tabs, active } = this.keeper.read();
    const wanted = [...new Set([...tabs, ...mine])];
    for (const room of wanted) this.open(room, false);
    if (active && wanted.includes(active)) this.choose(active);
  }

  /** The tab in front first, then one after the other, so that many tabs do not run into the rate limit. */
  async attach_all(session: Session): Promise<void> {
    const { active } = this.wire.state;
    const rooms = [...this.#conversations.keys()].sort((a, b) => Number(b === active) - Number(a === active));
    for (const room of rooms) {
      if (this.wire.connection.session !== session) return;
      const conversation = this.#conversations.get(room);
      if (conversation && !conversation.is_attached_to(session)) await this.#attach(conversation, session);
    }
  }

  async fetch_profile(room: string): Promise<void> {
    const { profiles } = this.wire.state;
    if (!this.wire.connection.session || profiles[room] || group_of(this.wire.state, room)) return;
    try {
      const profile = await this.wire.call<Profile>("hotline.room.profile", { room });
      this.wire.dispatch({ type: "profile", room, profile });
    } catch (error) {
      if (uri_of(error) !== LOST) this.wire.dispatch({ type: "profile", room, profile: null });
    }
  }

  async #attach(conversation: Conversation, session: Session): Promise<void> {
    await conversation.attach(session);
    const { room } = conversation;
    if (this.#conversations.get(room) !== conversation || this.wire.state.rooms[room]?.gone) return;
    await this.notebook.follow(room, session);
  }

  #serves(room: string): boolean {
    const entry = this.wire.state.list.entries[room];
    const known = this.wire.state.rooms[room];
    const ended = known?.status === "closed" || known?.gone;
    return entry?.status === "active" && entry.served_by?.id === this.wire.me && !ended;
  }

  #forget(room: string): void {
    this.#conversations.get(room)?.put_away();
    this.#conversations.delete(room);
    this.places.delete(room);
    this.drafts.forget(room);
    this.notebook.forget(room);
    this.wire.dispatch({ type: "closed_tab", room });
  }

  #keep_tabs(): void {
    this.keeper.write(this.wire.state.tabs, this.wire.state.active);
  }

  #room_event(room: string, event: RoomEvent): void {
    if (event.type === "gone") this.notebook.unfollow(room);
    // A tab of before the reload whose room is not there any more.
    if (event.type === "gone" && this.wire.state.rooms[room]?.ready === false) this.close_tab(room);
    else this.wire.dispatch({ type: "room", room, event });
  }
}
