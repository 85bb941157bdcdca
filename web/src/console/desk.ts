/**
 * The consultant's way over the wire: in go sessions and what the consultant does, out come events for the state. It keeps the clientlist,
 * the colleagues and the open rooms up to date, claims, hands over and ends; it shows nothing.
 */

import { isolated, tr } from "../i18n/texts.ts";
import type { Change } from "../state/clientlist.ts";
import type { ConsoleEvent, ConsoleState } from "../state/console.ts";
import type { RoomEvent } from "../state/room.ts";
import type { Colleague, Entry, Me, Presence, Profile } from "../state/types.ts";
import { patiently, sentence_of, sleep, uri_of } from "../talk/asking.ts";
import { Conversation } from "../talk/conversation.ts";
import type { Store } from "../talk/store.ts";
import { Connection } from "../wamp/connection.ts";
import { LOST, type Login, type Session, type Socket, WampError } from "../wamp/session.ts";

/** The tabs that were open, kept for a reload. */
export interface TabKeeper {
  read(): { tabs: string[]; active: string | null };
  write(tabs: string[], active: string | null): void;
}

export interface DeskParts {
  store: Store<ConsoleState, ConsoleEvent>;
  tabs: TabKeeper;
  fetch_login: () => Promise<Login>;
  open_socket: () => Socket;
  is_offline: () => boolean;
  is_visible: () => boolean;
  /** The login has ended: there is nothing to do here any more. */
  logged_out: () => void;
}

/** What `fetch_login` rejects with when the login has ended. */
export const LOGGED_OUT = "logged_out";
/** ... and when this page may not connect at all; to send people to the login would lead them in circles. */
export const FORBIDDEN = "forbidden";

const STAFF_MS = 300;

export class Desk {
  readonly connection: Connection;
  /** What is written and not yet sent, by room; not part of the state, so that typing draws nothing. */
  readonly drafts = new Map<string, string>();
  private readonly conversations = new Map<string, Conversation>();
  private staff_timer: ReturnType<typeof setTimeout> | undefined;
  private restored = false;

  constructor(private readonly parts: DeskParts) {
    this.connection = new Connection({
      open_socket: parts.open_socket,
      log_in: parts.fetch_login,
      probe: "hotline.me.get",
      opened: (session) => void this.opened(session),
      changed: () => this.linked(),
      refused: (error) => {
        const uri = uri_of(error);
        if (uri === FORBIDDEN)
          this.dispatch({
            type: "noticed",
            notice: tr(
              "The server does not accept connections from this page. Please open it under the server's own address.",
            ),
          });
        if (uri !== LOGGED_OUT && uri !== "wamp.error.no_such_realm") return "later";
        parts.logged_out();
        return "stop";
      },
    });
  }

  start(): void {
    this.connection.start();
  }

  linked(): void {
    const { status } = this.connection;
    if (status !== "connected") for (const one of this.conversations.values()) one.detach();
    this.dispatch({ type: "linked", link: { status, offline: this.parts.is_offline() } });
  }

  /** Opens a tab on a room one may already enter. */
  open(room: string, front = true): void {
    this.dispatch({ type: "opened", room, front });
    this.keep_tabs();
    this.fetch_profile(room);
    if (this.conversations.has(room)) {
      this.conversations.get(room)?.looked();
      return;
    }
    const conversation = new Conversation({
      room,
      state: () => this.state.rooms[room],
      dispatch: (event) => this.room_event(room, event),
      is_looking: () => this.is_looking(room),
    });
    this.conversations.set(room, conversation);
    const { session } = this.connection;
    if (session) void conversation.attach(session);
  }

  choose(room: string): void {
    this.dispatch({ type: "chosen", room });
    this.keep_tabs();
    this.conversations.get(room)?.looked();
  }

  /** Puts a tab away; the conversation goes on, and what is said in a room I serve is still counted. */
  close_tab(room: string): void {
    const kept = this.serves(room);
    this.dispatch({ type: "closed_tab", room, kept });
    this.keep_tabs();
    if (!kept) this.forget(room);
    if (this.state.active) this.conversations.get(this.state.active)?.looked();
  }

  show_profile(room: string): void {
    this.dispatch({ type: "profile_wanted", room });
    this.fetch_profile(room);
  }

  /** "Chat now": one of all who press it wins, the others are told who. */
  async claim(room: string): Promise<void> {
    await this.take(room, "hotline.room.claim");
  }

  /** A manager looks in, visibly to all in the room. */
  async join(room: string): Promise<void> {
    await this.take(room, "hotline.room.join");
  }

  async end(room: string): Promise<void> {
    await this.ask(() => this.session().call("hotline.room.close", { room }));
  }

  async hand_over(room: string, to: string, note: string): Promise<void> {
    const kwargs = { room, to, ...(note ? { note } : {}) };
    const mine = this.state.list.entries[room]?.served_by?.id === this.state.me.id;
    const done = await this.ask(() => this.session().call("hotline.room.transfer", kwargs));
    if (!done) return;
    const name = this.state.staff.find((one) => one.id === to)?.name ?? "your colleague";
    this.dispatch({ type: "noticed", notice: tr("Handed over to {name}.", { name: isolated(name) }) });
    // Whoever served the room has left it with that; a manager who only looked in stays.
    if (mine) this.close_tab(room);
  }

  async set_presence(presence: Presence): Promise<void> {
    const before = this.state.presence;
    this.dispatch({ type: "presence", presence });
    const done = await this.ask(() => this.session().call("hotline.me.set_presence", { presence }));
    if (!done) this.dispatch({ type: "presence", presence: before });
  }

  say(room: string, text: string): void {
    this.conversations.get(room)?.say(text);
  }

  types(room: string, draft: string): void {
    this.drafts.set(room, draft);
    this.conversations.get(room)?.types(draft.trim() !== "");
  }

  try_again(room: string, nonce: string): void {
    this.conversations.get(room)?.try_again(nonce);
  }

  fetch_earlier(room: string): void {
    void this.conversations.get(room)?.fetch_earlier();
  }

  /** The page came before the consultant's eyes again, or another column did. */
  looked(): void {
    if (this.state.active) this.conversations.get(this.state.active)?.looked();
  }

  private get state(): ConsoleState {
    return this.parts.store.state;
  }

  private dispatch(event: ConsoleEvent): void {
    this.parts.store.dispatch(event);
  }

  private session(): Session {
    const { session } = this.connection;
    if (!session) throw new WampError(LOST);
    return session;
  }

  private is_looking(room: string): boolean {
    return this.parts.is_visible() && this.state.active === room;
  }

  private serves(room: string): boolean {
    const entry = this.state.list.entries[room];
    const known = this.state.rooms[room];
    const ended = known?.status === "closed" || known?.gone;
    return entry?.status === "active" && entry.served_by?.id === this.state.me.id && !ended;
  }

  private forget(room: string): void {
    this.conversations.get(room)?.put_away();
    this.conversations.delete(room);
    this.drafts.delete(room);
    this.dispatch({ type: "closed_tab", room });
  }

  /** Rooms without a tab that are not mine any more are of no interest. */
  private tidy(): void {
    for (const room of this.conversations.keys()) {
      if (!this.state.tabs.includes(room) && !this.serves(room)) this.forget(room);
    }
  }

  private keep_tabs(): void {
    this.parts.tabs.write(this.state.tabs, this.state.active);
  }

  /** Asks once with patience; a refusal becomes a notice. */
  private async ask(request: () => Promise<unknown>): Promise<boolean> {
    try {
      await patiently(async () => request());
      return true;
    } catch (error) {
      this.dispatch({ type: "noticed", notice: sentence_of(error) });
      return false;
    }
  }

  private room_event(room: string, event: RoomEvent): void {
    // A tab of before the reload whose room is not there any more.
    if (event.type === "gone" && this.state.rooms[room]?.ready === false) this.close_tab(room);
    else this.dispatch({ type: "room", room, event });
  }

  private list_changed(change: Change): void {
    const { room, name, served_by, status } = change.room;
    const me = this.state.me.id;
    const mine_before = this.state.list.entries[room]?.served_by?.id === me;
    this.dispatch({ type: "list", event: { type: "changed", change } });
    this.tidy();
    if (change.change === "removed" || status !== "active" || served_by?.id !== me) return;
    // Before the list is there, any change of a room of mine looks like a new one.
    if (!this.restored || mine_before || this.conversations.has(room) || room in this.state.busy) return;
    this.open(room, false);
    this.dispatch({
      type: "noticed",
      notice: tr("{name} was handed over to you.", { name: isolated(name) }),
    });
  }

  private async take(room: string, procedure: string): Promise<void> {
    this.dispatch({ type: "busy", room, busy: true });
    this.dispatch({ type: "noticed", notice: "" });
    try {
      await patiently(async () => this.session().call(procedure, { room }));
      this.open(room);
    } catch (error) {
      this.dispatch({ type: "noticed", notice: claim_problem(error) });
    }
    this.dispatch({ type: "busy", room, busy: false });
  }

  private fetch_profile(room: string): void {
    const { session } = this.connection;
    if (!session || this.state.profiles[room]) return;
    patiently(() => session.call<Profile>("hotline.room.profile", { room }))
      .then((profile) => this.dispatch({ type: "profile", room, profile }))
      .catch((error: unknown) => {
        if (uri_of(error) !== LOST) this.dispatch({ type: "profile", room, profile: null });
      });
  }

  private async opened(session: Session): Promise<void> {
    for (let round = 0; this.connection.session === session; round += 1) {
      try {
        await this.fetch_all(session);
        return;
      } catch (error) {
        if (uri_of(error) === LOST) return;
        await sleep(Math.min(30_000, 1000 * 2 ** round));
      }
    }
  }

  private async fetch_all(session: Session): Promise<void> {
    const me = await patiently(() => session.call<Me>("hotline.me.get"));
    this.dispatch({ type: "known", me });
    // Listen first, fetch second: nothing falls between.
    this.dispatch({ type: "list", event: { type: "fetching" } });
    await patiently(() =>
      session.subscribe("hotline.clientlist", (_, kwargs) => {
        this.list_changed(kwargs as unknown as Change);
      }),
    );
    await patiently(() => session.subscribe("hotline.staff", () => this.staff_changed(session)));
    const entries = await patiently(() => session.call<Entry[]>("hotline.clientlist.get"));
    this.dispatch({ type: "list", event: { type: "fetched", entries } });
    this.tidy();
    this.restore_tabs();
    await this.attach_all(session);
    await this.fetch_staff(session);
    if (this.state.profile_of) this.fetch_profile(this.state.profile_of);
  }

  /** The tabs of before the reload, and every room I serve. */
  private restore_tabs(): void {
    const mine = Object.values(this.state.list.entries)
      .filter((entry) => entry.served_by?.id === this.state.me.id)
      .map((entry) => entry.room);
    if (this.restored) return;
    this.restored = true;
    const { tabs, active } = this.parts.tabs.read();
    const wanted = [...new Set([...tabs, ...mine])];
    for (const room of wanted) this.open(room, false);
    if (active && wanted.includes(active)) this.choose(active);
  }

  /** The tab in front first, then one after the other, so that many tabs do not run into the rate limit. */
  private async attach_all(session: Session): Promise<void> {
    const rooms = [...this.conversations.keys()].sort(
      (a, b) => Number(b === this.state.active) - Number(a === this.state.active),
    );
    for (const room of rooms) {
      if (this.connection.session !== session) return;
      const conversation = this.conversations.get(room);
      if (conversation && !conversation.is_attached_to(session)) await conversation.attach(session);
    }
  }

  private staff_changed(session: Session): void {
    clearTimeout(this.staff_timer);
    this.staff_timer = setTimeout(() => {
      this.fetch_staff(session).catch(() => {});
    }, STAFF_MS);
  }

  private async fetch_staff(session: Session): Promise<void> {
    const staff = await patiently(() => session.call<Colleague[]>("hotline.staff.list"));
    this.dispatch({ type: "staff", staff });
  }
}

function claim_problem(error: unknown): string {
  if (uri_of(error) !== "hotline.error.already_claimed") return sentence_of(error);
  const by = (error as WampError).kwargs.by as { name?: string } | undefined;
  return by?.name
    ? tr("{name} is already talking with this client.", { name: isolated(by.name) })
    : tr("Somebody else was faster.");
}
