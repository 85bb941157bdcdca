/**
 * The consultant's way over the wire: in go sessions, out come events for the state. It logs in, keeps the clientlist and the colleagues
 * up to date, and has a part for each thing a consultant does; it shows nothing.
 */

import { tr } from "../i18n/texts.ts";
import type { Change } from "../state/clientlist.ts";
import type { ConsoleEvent, ConsoleState } from "../state/console.ts";
import type { Colleague, Entry, Me, Presence } from "../state/desk_types.ts";
import { all_undelivered } from "../state/overview.ts";
import { patiently, uri_of } from "../talk/asking.ts";
import { sleep } from "../talk/sleep.ts";
import type { Store } from "../talk/store.ts";
import { Connection } from "../wamp/connection.ts";
import { LOST, type Login, type Session, type Socket } from "../wamp/session.ts";
import { Aids } from "./aids.ts";
import { Blocks } from "./blocks.ts";
import { Chats, type TabKeeper } from "./chats.ts";
import { Drafts } from "./drafts.ts";
import { Groups } from "./groups.ts";
import { Handing } from "./handing.ts";
import { Notebook } from "./notebook.ts";
import { Records } from "./records.ts";
import { Service } from "./service.ts";
import { Wire } from "./wire.ts";

export interface DeskParts {
  store: Store<ConsoleState, ConsoleEvent>;
  tabs: TabKeeper;
  fetch_login: () => Promise<Login>;
  open_socket: () => Socket;
  is_offline: () => boolean;
  is_visible: () => boolean;
  /** There is nothing to do here any more: the login has ended, or is another person's. */
  leave: (to: string) => void;
}

/** What `fetch_login` rejects with when the login has ended. */
export const LOGGED_OUT = "logged_out";
/** ... when somebody else has logged in here meanwhile ... */
export const ANOTHER = "another";
/** ... and when this page may not connect at all; to send people to the login would lead them in circles. */
export const FORBIDDEN = "forbidden";

const STAFF_MS = 300;
const LIST_PAGE = 200;

export class Desk {
  readonly connection: Connection;
  readonly drafts: Drafts;
  readonly notebook: Notebook;
  readonly chats: Chats;
  readonly handing: Handing;
  readonly service: Service;
  readonly records: Records;
  readonly aids: Aids;
  readonly blocks: Blocks;
  readonly groups: Groups;
  readonly #wire: Wire;
  #staff_timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly parts: DeskParts) {
    const wire = new Wire(parts.store, parts.is_visible);
    this.#wire = wire;
    this.connection = new Connection({
      open_socket: parts.open_socket,
      log_in: parts.fetch_login,
      probe: "hotline.me.get",
      opened: (session) => void this.#opened(session),
      changed: () => this.linked(),
      refused: (error) => {
        const uri = uri_of(error);
        if (uri === FORBIDDEN) {
          wire.notice(
            tr(
              "The server does not accept connections from this page. Please open it under the server's own address.",
            ),
          );
        }
        if (uri !== ANOTHER && uri !== LOGGED_OUT && uri !== "wamp.error.no_such_realm") return "later";
        if (uri === ANOTHER) parts.leave("/clientlist");
        else if (this.has_unsaved()) wire.dispatch({ type: "logged_out" });
        else parts.leave("/login");
        return "stop";
      },
    });
    wire.connection = this.connection;
    this.drafts = new Drafts(wire);
    this.notebook = new Notebook(wire);
    this.chats = new Chats(wire, parts.tabs, this.drafts, this.notebook);
    this.handing = new Handing(wire, this.chats);
    this.service = new Service(wire);
    this.records = new Records(wire);
    this.aids = new Aids(wire);
    this.blocks = new Blocks(wire);
    this.groups = new Groups(wire, this.chats);
  }

  start(): void {
    this.connection.start();
  }

  /** Somebody is back who may have logged in again meanwhile. */
  look_for_login(): void {
    if (this.#wire.state.is_logged_out) this.connection.start();
  }

  /** Something was written that is in this page only. */
  has_unsaved(): boolean {
    const { drafts, notebook, records } = this;
    return (
      all_undelivered(this.#wire.state) > 0 ||
      (drafts.has_unkept() && !this.connection.session) ||
      records.drafts.size > 0 ||
      [...notebook.drafts.values()].some((one) => one.trim() !== "")
    );
  }

  linked(): void {
    const { status } = this.connection;
    if (status !== "connected") this.chats.detach();
    this.#wire.dispatch({ type: "linked", link: { status, offline: this.parts.is_offline() } });
  }

  async set_presence(presence: Presence): Promise<void> {
    const before = this.#wire.state.presence;
    this.#wire.dispatch({ type: "presence", presence });
    const done = await this.#wire.ask("hotline.me.set_presence", { presence });
    if (!done) this.#wire.dispatch({ type: "presence", presence: before });
  }

  #list_changed(change: Change): void {
    const before = this.#wire.state.list.entries[change.room.room];
    this.#wire.dispatch({ type: "list", event: { type: "changed", change } });
    this.chats.tidy();
    // What is still listed for an appointment has ended all the same.
    if (change.change === "removed" || change.room.status === "closed") {
      if (before?.status === "active") void this.records.look();
    } else this.#tell(change.room, before);
  }

  /** What of a change concerns me: rooms that are mine now, where I am asked in, who has come to me. */
  #tell({ room, name, served_by, status, asked, appointment }: Entry, before: Entry | undefined): void {
    const me = this.#wire.me;
    if (!this.chats.restored) return;
    if (asked?.includes(me) && !before?.asked?.includes(me)) {
      this.#wire.notice(tr("You are asked into the chat with {name}.", { name }));
    }
    if (
      status === "waiting" &&
      appointment?.kept &&
      !before?.appointment?.kept &&
      appointment.with?.id === me
    ) {
      this.#wire.notice(tr("{name} has come to the appointment with you.", { name }));
    }
    if (status !== "active" || served_by?.id !== me) return;
    if (before?.served_by?.id === me || this.chats.is_in(room) || room in this.#wire.state.busy) return;
    this.chats.open(room, false);
    this.#wire.dispatch({ type: "given", room });
    this.#wire.notice(
      before?.status === "waiting"
        ? tr("{name} is with you from now on.", { name })
        : tr("{name} was handed over to you.", { name }),
    );
  }

  async #opened(session: Session): Promise<void> {
    for (let round = 0; this.connection.session === session; round += 1) {
      try {
        await this.#fetch_all(session);
        return;
      } catch (error) {
        if (uri_of(error) === LOST) return;
        await sleep(Math.min(30_000, 1000 * 2 ** round));
      }
    }
  }

  async #fetch_all(session: Session): Promise<void> {
    const me = await patiently(() => session.call<Me>("hotline.me.get"));
    this.#wire.dispatch({ type: "known", me });
    // Listen first, fetch second: nothing falls between.
    this.#wire.dispatch({ type: "list", event: { type: "fetching" } });
    await patiently(() =>
      session.subscribe("hotline.clientlist", (_, kwargs) => {
        this.#list_changed(kwargs as unknown as Change);
      }),
    );
    await patiently(() => session.subscribe("hotline.staff", () => this.#staff_changed(session)));
    const entries = await this.#fetch_list(session);
    const { entries: before } = this.#wire.state.list;
    this.#wire.dispatch({ type: "list", event: { type: "fetched", entries } });
    this.chats.tidy();
    for (const entry of Object.values(this.#wire.state.list.entries)) this.#tell(entry, before[entry.room]);
    await this.drafts.opened(session);
    await this.groups.opened(session);
    this.chats.restore_tabs();
    await this.chats.attach_all(session);
    await this.#fetch_staff(session);
    const { profile_of } = this.#wire.state;
    if (profile_of) void this.chats.fetch_profile(profile_of);
    await this.service.opened(session);
    await this.records.look();
    await this.aids.opened(session);
    await this.blocks.opened(session);
  }

  /** Page by page: hundreds of lines at once would be more than the server lets wait for one connection. */
  async #fetch_list(session: Session): Promise<Entry[]> {
    const entries: Entry[] = [];
    for (;;) {
      const after = entries.at(-1)?.room ?? null;
      const page = await patiently(() =>
        session.call<Entry[]>("hotline.clientlist.get", { after, limit: LIST_PAGE }),
      );
      entries.push(...page);
      if (page.length < LIST_PAGE) return entries;
    }
  }

  #staff_changed(session: Session): void {
    clearTimeout(this.#staff_timer);
    this.#staff_timer = setTimeout(() => {
      this.#fetch_staff(session).catch(() => {});
    }, STAFF_MS);
  }

  async #fetch_staff(session: Session): Promise<void> {
    const staff = await patiently(() => session.call<Colleague[]>("hotline.staff.list"));
    this.#wire.dispatch({ type: "staff", staff });
  }
}
