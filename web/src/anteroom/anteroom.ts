/**
 * The client's way over the wire: in go sessions and what the client does, out come events for the state. It describes, enters,
 * leaves messages, waits, talks, answers and goes; it shows nothing.
 */

import { tr } from "../i18n/texts.ts";
import type { AnteroomEvent, AnteroomState } from "../state/anteroom.ts";
import type { RoomEvent } from "../state/room.ts";
import type { Answers, Description, Entered, Place, Question } from "../state/types.ts";
import { patiently, sentence_of, sleep, uri_of } from "../talk/asking.ts";
import { Conversation } from "../talk/conversation.ts";
import type { Store } from "../talk/store.ts";
import { save_file, transcript } from "../views/transcript.ts";
import { Connection } from "../wamp/connection.ts";
import { type Kwargs, LOST, type Login, type Session, type Socket, WampError } from "../wamp/session.ts";
import { device_name, type IdentityKeeper } from "./identity.ts";

export interface AnteroomParts {
  realm: string;
  store: Store<AnteroomState, AnteroomEvent>;
  keeper: IdentityKeeper;
  open_socket: () => Socket;
  is_offline: () => boolean;
  is_looking: () => boolean;
  /** The language read, as a tag. */
  language: () => string;
}

/** What somebody filled in; with a text it is a message left for later. */
export interface Filled {
  name: string;
  answers: Answers;
  consent?: boolean;
  text?: string;
}

/** Where the code for the work that crowds are asked for is, as built: few ever need it. */
declare const PROOF: string;

const LEAVING_MS = 3_000;
const ASK_AGAIN_MS = 30_000;

export class Anteroom {
  readonly connection: Connection;
  /** What is written and not yet sent; not part of the state, so that typing draws nothing. */
  draft = "";
  #conversation: Conversation | null = null;
  /** The room that was left, as long as it may still be asked about. */
  #left_room = "";
  #ask_again: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly parts: AnteroomParts) {
    this.connection = new Connection({
      open_socket: parts.open_socket,
      log_in: async () => this.#login(),
      probe: "hotline.anteroom.describe",
      opened: (session) => this.#opened(session),
      changed: () => this.linked(),
      refused: (error) => this.#refused(error),
    });
  }

  start(): void {
    this.connection.start();
  }

  /** Tells the state how the connection is; also when the browser's own opinion has changed. */
  linked(): void {
    const { status } = this.connection;
    if (status !== "connected") {
      this.#conversation?.detach();
      clearTimeout(this.#ask_again);
    }
    this.#dispatch({ type: "linked", link: { status, offline: this.parts.is_offline() } });
  }

  /** Enters, or leaves a message. */
  enter(filled: Filled): Promise<void> {
    const procedure = filled.text === undefined ? "enter" : "leave_message";
    return this.#become(procedure, { ...filled, language: this.parts.language() });
  }

  come_back(return_code: string): Promise<void> {
    return this.#become("come_back", { return_code });
  }

  /** Asks for a code with which this client can come back. */
  make_return_code(): Promise<void> {
    return this.#ask("make_return_code", {}, ({ return_code }: { return_code: string }) =>
      this.#dispatch({ type: "return_code", return_code }),
    );
  }

  /** After the end: what was answered, or nothing. */
  answer_survey(answers: Answers): Promise<void> {
    this.#dispatch({ type: "asked" });
    return this.#ask("answer_survey", { answers }, () => this.#dispatch({ type: "survey", survey: null }));
  }

  /** The page itself found something wrong with a form. */
  correct(problems: Record<string, string>): void {
    this.#dispatch({ type: "refused", problems });
  }

  /** Says everything anew that the server says in words. */
  language_changed(): void {
    const { session } = this.connection;
    if (session) void this.#describe(session);
    if (this.#state.survey) void this.#ask_survey();
  }

  say(text: string): void {
    this.#conversation?.say(text);
  }

  types(draft: string): void {
    this.draft = draft;
    this.#conversation?.types(draft.trim() !== "");
  }

  looked(): void {
    this.#conversation?.looked();
  }

  try_again(nonce: string): void {
    this.#conversation?.try_again(nonce);
  }

  give_up(nonce: string): void {
    this.#dispatch({ type: "room", event: { type: "given_up", nonce } });
  }

  fetch_earlier(): void {
    void this.#conversation?.fetch_earlier();
  }

  /** All that was said, as a file with a name that says nothing; without connection what is here. */
  async save(): Promise<void> {
    const { room } = this.#state;
    await this.#conversation?.fetch_earlier();
    if (room?.first !== this.#state.room?.first) await this.save();
    else save_file(transcript(room?.messages ?? []));
  }

  async amend(seq: number, text: string | null): Promise<string> {
    return (await this.#conversation?.correct(seq, text)) ?? "";
  }

  /** Ends the client's part: the screen says so at once, the server is told as well as it can be. */
  async leave(quickly = false): Promise<void> {
    const { session } = this.connection;
    const room = this.#conversation?.room;
    this.#forget();
    this.#dispatch({ type: "left" });
    if (session && room) {
      this.#left_room = room;
      const kwargs = quickly ? { room, quickly } : { room };
      const told = session.call("hotline.room.leave", kwargs).then(
        () => (quickly ? undefined : this.#ask_survey()),
        () => {},
      );
      await Promise.race([told, sleep(LEAVING_MS)]);
    }
    // Whoever may still answer or delete needs the connection: nothing else knows them any more.
    if (quickly) this.connection.stop();
  }

  /** After the end: nothing of it is left, for nobody. */
  delete_all(): Promise<void> {
    return this.#ask("delete", {}, () => this.start_again());
  }

  /** From the end back to the beginning, as somebody new. */
  start_again(lost = false): void {
    this.#forget();
    this.#dispatch({ type: "forgotten", lost });
    this.connection.stop();
    this.connection.start();
  }

  get #state(): AnteroomState {
    return this.parts.store.state;
  }

  #dispatch(event: AnteroomEvent): void {
    this.parts.store.dispatch(event);
  }

  #forget(): void {
    this.#conversation?.put_away();
    this.#conversation = null;
    this.draft = "";
    this.parts.keeper.set(null);
  }

  #login(): Login {
    const { realm, keeper } = this.parts;
    const identity = keeper.get();
    return identity ? { realm, authid: identity.client, ticket: identity.key } : { realm };
  }

  #refused(error: unknown): "again" | "later" | "stop" {
    const uri = uri_of(error);
    if (uri === "wamp.error.no_such_realm") {
      this.#forget();
      this.#dispatch({ type: "unknown" });
      return "stop";
    }
    const refusals = /^wamp\.error\.(authentication_|authorization_|not_authorized|no_such_principal)/;
    if (!refusals.test(uri) || !this.parts.keeper.get()) return "later";
    this.#forget();
    this.#dispatch({ type: "forgotten", lost: true });
    return "again";
  }

  #opened(session: Session): void {
    const identity = this.parts.keeper.get();
    if (identity) {
      this.#dispatch({ type: "returned", client: identity.client, room: identity.room });
      this.#talk(session, identity.room);
    }
    void this.#describe(session);
  }

  async #describe(session: Session): Promise<void> {
    const again = () => {
      clearTimeout(this.#ask_again);
      this.#ask_again = setTimeout(() => void this.#describe(session), ASK_AGAIN_MS);
    };
    const { realm } = this.parts;
    try {
      const device = device_name(realm);
      const kwargs = { language: this.parts.language(), device };
      const description = await patiently(() =>
        session.call<Description>("hotline.anteroom.describe", kwargs),
      );
      this.#dispatch({ type: "described", description });
      // A device that is told so for the first time says who it is.
      if (device_name(realm, description.service === "blocked") && !device) void this.#describe(session);
      else if (this.#state.screen === "away") again();
    } catch (error) {
      if (uri_of(error) === "hotline.error.not_found") this.#dispatch({ type: "unknown" });
      else if (uri_of(error) !== LOST) again();
    }
  }

  /** Somebody new becomes a client, in one way or another. */
  async #become(procedure: string, kwargs: Kwargs): Promise<void> {
    const { session } = this.connection;
    this.#dispatch({ type: "asked" });
    const device = device_name(this.parts.realm);
    try {
      if (!session) throw new WampError(LOST);
      const call = (proof = {}) =>
        session.call<Entered>(`hotline.anteroom.${procedure}`, { ...kwargs, ...proof, device });
      const ask = () =>
        call().catch(async (error) => {
          const { puzzle, bits } = (error as WampError).kwargs ?? {};
          if (!puzzle) throw error;
          const { solve } = (await import(/* @vite-ignore */ PROOF)) as typeof import("../talk/proof.ts");
          const proof = await solve(puzzle as string, bits as number);
          if (proof === null) throw error;
          return call({ proof });
        });
      // Whoever guesses at codes is told to wait, rather than made to.
      const entered = await (procedure === "come_back" ? ask() : patiently(ask));
      const { client, room, key } = entered;
      this.parts.keeper.set({ client, room, key });
      this.#dispatch({ type: "entered", entered });
      this.#talk(session, room);
    } catch (error) {
      // It may have closed meanwhile: then the screen says so.
      if (session && uri_of(error) === "hotline.error.not_allowed") void this.#describe(session);
      this.#refuse(error, procedure);
    }
  }

  /** Something about this client's room, even after it has left. */
  async #ask<T>(what: string, kwargs: Kwargs, then: (result: T) => void): Promise<void> {
    const { session } = this.connection;
    const room = this.#state.room?.room ?? this.#left_room;
    try {
      if (!session) throw new WampError(LOST);
      then(await patiently(() => session.call<T>(`hotline.anteroom.${what}`, { room, ...kwargs })));
    } catch (error) {
      this.#refuse(error, what);
    }
  }

  #ask_survey(): Promise<void> {
    const then = ({ questions }: { questions: Question[] | null }) =>
      this.#dispatch({ type: "survey", survey: questions });
    return this.#ask("survey", { language: this.parts.language() }, then);
  }

  /** Says beside each field what was not accepted, in the reader's own language. */
  #refuse(error: unknown, what: string): void {
    const problems: Record<string, string> = {};
    const uri = uri_of(error);
    if (uri === "hotline.error.invalid") {
      for (const field of Object.keys((error as WampError).kwargs))
        problems[field] = tr("Please check this.");
    } else if (uri === "hotline.error.not_found" && what === "come_back") {
      problems.return_code = tr("There is nothing for this code any more.");
    } else problems[""] = sentence_of(error);
    this.#dispatch({ type: "refused", problems });
  }

  #talk(session: Session, room: string): void {
    const { store } = this.parts;
    if (this.#conversation?.room !== room) {
      this.#conversation = new Conversation({
        room,
        state: () => store.state.room ?? undefined,
        dispatch: (event) => this.#room_event(room, event),
        is_looking: this.parts.is_looking,
      });
    }
    void this.#conversation.attach(session).then(() => this.#follow_place(session, room));
  }

  #room_event(room: string, event: RoomEvent): void {
    const before = this.#state.room;
    if (before?.room !== room) return;
    if (event.type !== "gone") this.#dispatch({ type: "room", event });
    else if (before.messages.length === 0) this.start_again(true);
    else this.#dispatch({ type: "room", event: { type: "status_changed", status: "closed" } });
    if (before.status === "closed" || this.#state.room?.status !== "closed") return;
    void this.#ask_survey();
    // Perhaps it is closed for longer than this.
    const { session } = this.connection;
    if (session) void this.#describe(session);
  }

  async #follow_place(session: Session, room: string): Promise<void> {
    const placed = (kwargs: Kwargs) => {
      const place = kwargs as unknown as Place;
      this.#dispatch({ type: "placed", place });
      // Who is told to come again needs something to come by.
      if (place.appointment?.return_code === false && !this.#state.return_code) void this.make_return_code();
    };
    try {
      const topic = `hotline.room.${room}.place`;
      await patiently(() => session.subscribe(topic, (_, kwargs) => placed(kwargs)));
      placed(await patiently(() => session.call<Kwargs>("hotline.anteroom.place", { room })));
    } catch {
      // The place is a kindness; the conversation does not depend on it.
    }
  }
}
