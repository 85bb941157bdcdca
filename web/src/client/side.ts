/**
 * A client on the wire, whichever page it is on: in go sessions and what the client does, out come events for the state. It comes in,
 * talks, keeps its place over cuts and reloads, and goes; which room that is and what is asked before, its page knows. It shows nothing.
 */

import { tr } from "../i18n/texts.ts";
import type { RoomEvent } from "../state/room.ts";
import type { SideEvent, SideState } from "../state/side.ts";
import type { Entered } from "../state/types.ts";
import { new_nonce, patiently, sentence_of, uri_of } from "../talk/asking.ts";
import { Conversation } from "../talk/conversation.ts";
import { sleep } from "../talk/sleep.ts";
import { Connection } from "../wamp/connection.ts";
import { type Kwargs, LOST, type Login, type Session, type Socket, WampError } from "../wamp/session.ts";
import type { Identity, IdentityKeeper } from "./identity.ts";

export interface SideParts<State = SideState, Event = SideEvent> {
  realm: string;
  store: { state: State; dispatch: (event: Event | SideEvent) => void };
  keeper: IdentityKeeper;
  open_socket: () => Socket;
  is_offline: () => boolean;
  is_looking: () => boolean;
  /** The language read, as a tag. */
  language: () => string;
  /** Tells the server without a session, even if the page goes, that somebody leaves. */
  beacon: (fields: Record<string, string>) => void;
}

/** Where the code for the work that crowds are asked for is, as built: few ever need it. */
declare const PROOF: string;

const LEAVING_MS = 3_000;
const ASK_AGAIN_MS = 30_000;

export abstract class ClientSide<State extends SideState, Event> {
  readonly connection: Connection;
  /** What is written and not yet sent; not part of the state, so that typing draws nothing. */
  draft = "";
  protected talk: Conversation | null = null;
  /** Who has left, until this page is gone or begins anew: the browser keeps nothing of them. */
  protected left: Identity | null = null;
  /** The server has not said yet that it knows. */
  #untold = false;
  /** The outbox as the tab has it. */
  #kept: unknown;
  /** What the next entry is called: asked for again by this name, it is made once. */
  protected nonce = new_nonce();
  #ask_again: ReturnType<typeof setTimeout> | undefined;

  constructor(protected readonly parts: SideParts<State, Event>) {
    this.connection = new Connection({
      open_socket: parts.open_socket,
      log_in: async () => this.#login(),
      probe: "hotline.anteroom.describe",
      opened: (session) => this.#opened(session),
      changed: () => this.linked(),
      refused: (error) => this.#refused(error),
    });
  }

  /** Asks what there is to know before one comes in, and tells the state. */
  protected abstract ask_anew(session: Session): Promise<void>;
  /** Something happened in the room. */
  protected abstract on_room(room: string, event: RoomEvent): void;
  /** Something that was asked for was refused. */
  protected abstract on_refusal(error: unknown, what: string): void;
  /** In the room, and all of it is here. */
  protected on_attached?(session: Session, room: string): void;
  /** The server knows that one has left. */
  protected on_left?(): Promise<void>;

  start(): void {
    this.connection.start();
  }

  /** Tells the state how the connection is; also when the browser's own opinion has changed. */
  linked(): void {
    const { status } = this.connection;
    if (status !== "connected") {
      this.talk?.detach();
      clearTimeout(this.#ask_again);
    }
    this.tell({ type: "linked", link: { status, offline: this.parts.is_offline() } });
  }

  /** The page itself found something wrong with a form. */
  correct(problems: Record<string, string>, what?: string | false): void {
    this.tell({ type: "refused", problems, what: what || "" });
  }

  /** Says everything anew that the server says in words. */
  language_changed(): void {
    const { session } = this.connection;
    if (session) void this.ask_anew(session);
  }

  say(text: string): void {
    this.talk?.say(text);
  }

  types(draft: string): void {
    this.draft = draft;
    this.parts.keeper.add({ unsent: draft });
    this.talk?.types(draft.trim() !== "");
  }

  looked(): void {
    this.talk?.looked();
  }

  try_again(nonce: string): void {
    this.talk?.try_again(nonce);
  }

  give_up(nonce: string): void {
    this.tell({ type: "room", event: { type: "given_up", nonce } });
  }

  fetch_earlier(): void {
    void this.talk?.fetch_earlier();
  }

  async amend(seq: number, text: string | null): Promise<string> {
    return (await this.talk?.correct(seq, text)) ?? "";
  }

  /** Ends the client's part: the screen says so at once, the server is told as well as it can be. */
  async leave(quickly = false): Promise<void> {
    const { session } = this.connection;
    const { keeper, realm, beacon } = this.parts;
    const identity = keeper.get();
    this.forget();
    this.tell({ type: "left" });
    if (identity) {
      const { client, room, key, device } = identity;
      if (quickly || !session) beacon({ organisation: realm, client, room, key, quickly: `${quickly}` });
      if (!quickly) this.left = { client, room, key, device };
      this.#untold = !quickly;
      if (session) await Promise.race([this.#tell_left(session, room, quickly), sleep(LEAVING_MS)]);
    }
    // Whoever may still answer or delete needs the connection: nothing else knows them any more.
    if (quickly) this.connection.stop();
  }

  /** From the end back to the beginning, as somebody new. */
  start_again(lost = false): void {
    this.forget();
    this.tell({ type: "forgotten", lost });
    this.connection.stop();
    this.connection.start();
  }

  protected get state(): State {
    return this.parts.store.state;
  }

  protected tell(event: Event | SideEvent): void {
    this.parts.store.dispatch(event);
    const { pending, status } = this.state.room ?? {};
    // It stays before one's eyes, and is not kept.
    if (status === "closed" && this.draft) this.parts.keeper.add({ unsent: "" });
    if (!pending || pending === this.#kept) return;
    this.#kept = pending;
    this.parts.keeper.add({ outbox: pending });
  }

  /** Who this client is or was. */
  protected identity(): Identity | null {
    return this.parts.keeper.get() ?? this.left;
  }

  protected forget(): void {
    this.talk?.put_away();
    this.talk = null;
    this.draft = "";
    this.left = null;
    this.#untold = false;
    this.parts.keeper.set(null);
  }

  /** Nobody tells a page before one has come in: it asks again after a while. */
  protected ask_later(session: Session): void {
    clearTimeout(this.#ask_again);
    this.#ask_again = setTimeout(() => void this.ask_anew(session), ASK_AGAIN_MS);
  }

  /** Somebody new becomes a client, in one way or another; `patience` is for those whom waiting is to stop from guessing. */
  protected async become(procedure: string, kwargs: Kwargs, patience = patiently): Promise<void> {
    const { session } = this.connection;
    this.tell({ type: "asked", what: procedure });
    try {
      if (!session) throw new WampError(LOST);
      const call = (proof = {}) =>
        session.call<Entered>(`hotline.anteroom.${procedure}`, { ...kwargs, ...proof });
      const entered = await patience(() =>
        call().catch(async (error) => {
          const { puzzle, bits } = (error as WampError).kwargs ?? {};
          if (!puzzle) throw error;
          const { solve } = (await import(/* @vite-ignore */ PROOF)) as typeof import("../talk/proof.ts");
          const proof = await solve(puzzle as string, bits as number);
          if (proof === null) throw error;
          return call({ proof });
        }),
      );
      const { client, room, key } = entered;
      this.parts.keeper.set({ client, room, key, device: kwargs.device as string | undefined });
      this.nonce = new_nonce();
      this.tell({ type: "entered", entered });
      this.talk_in(session, room);
    } catch (error) {
      this.on_refusal(error, procedure);
    }
  }

  /** Something about this client's room, even after it has left. */
  protected async ask_of_room<T>(what: string, kwargs: Kwargs, then: (result: T) => void): Promise<void> {
    const { session } = this.connection;
    const room = this.state.room?.room ?? this.left?.room;
    try {
      if (!session) throw new WampError(LOST);
      then(await patiently(() => session.call<T>(`hotline.anteroom.${what}`, { room, ...kwargs })));
    } catch (error) {
      this.on_refusal(error, what);
    }
  }

  /** Says beside each field what was not accepted, in the reader's own language. */
  protected refuse(error: unknown): void {
    const problems: Record<string, string> = {};
    if (uri_of(error) === "hotline.error.invalid") {
      for (const [field, problem] of Object.entries((error as WampError).kwargs)) {
        const count = /most (\d+) char/.exec(String(problem))?.[1];
        problems[field] = count ? tr("At most {count} characters.", { count }) : tr("Please check this.");
      }
    } else problems[""] = sentence_of(error);
    this.tell({ type: "refused", problems });
  }

  protected talk_in(session: Session, room: string): void {
    const { is_looking } = this.parts;
    if (this.talk?.room !== room) {
      this.talk = new Conversation({
        room,
        state: () => this.state.room ?? undefined,
        dispatch: (event) => this.on_room(room, event),
        is_looking,
      });
    }
    void this.talk.attach(session).then(() => this.on_attached?.(session, room));
  }

  #login(): Login {
    const { realm } = this.parts;
    const identity = this.identity();
    return identity ? { realm, authid: identity.client, ticket: identity.key } : { realm };
  }

  #refused(error: unknown): "again" | "later" | "stop" {
    const uri = uri_of(error);
    if (uri === "wamp.error.no_such_realm") {
      this.forget();
      this.tell({ type: "unknown" });
      return "stop";
    }
    // Of authentication and authorization, and of a principal.
    if (!/^wamp\.error\.(auth|not_auth|no_such_pri)/.test(uri) || !this.identity()) return "later";
    this.forget();
    this.tell({ type: "forgotten", lost: true });
    return "again";
  }

  #opened(session: Session): void {
    const identity = this.parts.keeper.get();
    if (identity) {
      const { client, room, unsent = "", outbox = [] } = identity;
      const is_new = !this.talk;
      if (is_new) this.draft = unsent;
      this.tell({ type: "returned", client, room });
      if (is_new) for (const one of outbox) this.tell({ type: "room", event: { ...one, type: "said" } });
      this.talk_in(session, room);
    } else if (this.left && this.#untold) void this.#tell_left(session, this.left.room, false);
    void this.ask_anew(session);
  }

  /** Whether or not there was anything left to leave; what got no answer is told by the next session. */
  async #tell_left(session: Session, room: string, quickly: boolean): Promise<void> {
    const lost = await session.call("hotline.room.leave", { room, quickly }).then(
      () => false,
      (error) => uri_of(error) === LOST,
    );
    if (lost || quickly) return;
    this.#untold = false;
    await this.on_left?.();
  }
}
