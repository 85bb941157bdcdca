/**
 * The client's way over the wire: in go sessions and what the client does, out come events for the state. It describes, enters,
 * waits, talks and leaves; it shows nothing.
 */

import { type AnteroomEvent, type AnteroomState, problems_by_field } from "../state/anteroom.ts";
import type { RoomEvent } from "../state/room.ts";
import type { Description, Entered, Place } from "../state/types.ts";
import { patiently, sentence_of, uri_of } from "../talk/asking.ts";
import { Conversation } from "../talk/conversation.ts";
import type { Store } from "../talk/store.ts";
import { Connection } from "../wamp/connection.ts";
import { type Kwargs, LOST, type Login, type Session, type Socket, WampError } from "../wamp/session.ts";
import type { IdentityKeeper } from "./identity.ts";

export interface AnteroomParts {
  realm: string;
  store: Store<AnteroomState, AnteroomEvent>;
  keeper: IdentityKeeper;
  open_socket: () => Socket;
  is_offline: () => boolean;
  is_looking: () => boolean;
  language: string;
}

const LEAVING_MS = 3_000;
const ASK_AGAIN_MS = 30_000;

export class Anteroom {
  readonly connection: Connection;
  /** What is written and not yet sent; not part of the state, so that typing draws nothing. */
  draft = "";
  private conversation: Conversation | null = null;
  private ask_again: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly parts: AnteroomParts) {
    this.connection = new Connection({
      open_socket: parts.open_socket,
      log_in: async () => this.login(),
      probe: "hotline.anteroom.describe",
      opened: (session) => void this.opened(session),
      changed: () => this.linked(),
      refused: (error) => this.refused(error),
    });
  }

  start(): void {
    this.connection.start();
  }

  /** Tells the state how the connection is; also when the browser's own opinion has changed. */
  linked(): void {
    const { status } = this.connection;
    if (status !== "connected") {
      this.conversation?.detach();
      clearTimeout(this.ask_again);
    }
    this.parts.store.dispatch({ type: "linked", link: { status, offline: this.parts.is_offline() } });
  }

  async enter(name: string, answers: Record<string, string>): Promise<void> {
    const { store, keeper, language } = this.parts;
    const { session } = this.connection;
    store.dispatch({ type: "entering" });
    try {
      if (!session) throw new WampError(LOST);
      const kwargs = { name, answers, ...(language ? { language } : {}) };
      const entered = await patiently(() => session.call<Entered>("hotline.anteroom.enter", kwargs));
      const { client, room, key } = entered;
      keeper.set({ client, room, key });
      store.dispatch({ type: "entered", entered });
      this.talk(session, room);
    } catch (error) {
      // It may have closed meanwhile: then the screen says so.
      if (session && uri_of(error) === "hotline.error.not_allowed") void this.opened(session);
      const fields = [
        "name",
        ...(store.state.description?.questions ?? []).map((one) => `answers.${one.name}`),
      ];
      const problems =
        uri_of(error) === "hotline.error.invalid"
          ? problems_by_field((error as WampError).kwargs, fields)
          : { "": sentence_of(error) };
      store.dispatch({ type: "not_entered", problems });
    }
  }

  say(text: string): void {
    this.conversation?.say(text);
  }

  types(draft: string): void {
    this.draft = draft;
    this.conversation?.types(draft.trim() !== "");
  }

  looked(): void {
    this.conversation?.looked();
  }

  try_again(nonce: string): void {
    this.conversation?.try_again(nonce);
  }

  give_up(nonce: string): void {
    this.parts.store.dispatch({ type: "room", event: { type: "given_up", nonce } });
  }

  fetch_earlier(): void {
    void this.conversation?.fetch_earlier();
  }

  /** Ends the client's part: the screen says so at once, the server is told as well as it can be. */
  async leave(): Promise<void> {
    const { session } = this.connection;
    const room = this.conversation?.room;
    this.forget();
    this.parts.store.dispatch({ type: "left" });
    if (session && room) {
      const told = session.call("hotline.room.leave", { room }).catch(() => {});
      await Promise.race([told, new Promise((resolve) => setTimeout(resolve, LEAVING_MS))]);
    }
    // Somebody in a hurry may have started anew meanwhile.
    if (this.parts.store.state.screen === "ended") this.connection.stop();
  }

  /** From the end back to the beginning, as somebody new. */
  start_again(lost = false): void {
    this.forget();
    this.parts.store.dispatch({ type: "forgotten", lost });
    this.connection.stop();
    this.connection.start();
  }

  private forget(): void {
    this.conversation?.put_away();
    this.conversation = null;
    this.draft = "";
    this.parts.keeper.set(null);
  }

  private login(): Login {
    const { realm, keeper } = this.parts;
    const identity = keeper.get();
    return identity ? { realm, authid: identity.client, ticket: identity.key } : { realm };
  }

  private refused(error: unknown): "again" | "later" | "stop" {
    const uri = uri_of(error);
    if (uri === "wamp.error.no_such_realm") {
      this.forget();
      this.parts.store.dispatch({ type: "unknown" });
      return "stop";
    }
    const refusals = /^wamp\.error\.(authentication_|authorization_|not_authorized|no_such_principal)/;
    if (!refusals.test(uri) || !this.parts.keeper.get()) return "later";
    this.forget();
    this.parts.store.dispatch({ type: "forgotten", lost: true });
    return "again";
  }

  private async opened(session: Session): Promise<void> {
    const { store, keeper } = this.parts;
    const identity = keeper.get();
    if (identity) {
      store.dispatch({ type: "returned", client: identity.client, room: identity.room });
      this.talk(session, identity.room);
      return;
    }
    try {
      const description = await patiently(() => session.call<Description>("hotline.anteroom.describe"));
      if (keeper.get()) return;
      store.dispatch({ type: "described", description });
      if (!description.open) {
        this.ask_again = setTimeout(() => void this.opened(session), ASK_AGAIN_MS);
      }
    } catch (error) {
      if (uri_of(error) === "hotline.error.not_found") store.dispatch({ type: "unknown" });
      else if (uri_of(error) !== LOST) {
        this.ask_again = setTimeout(() => void this.opened(session), ASK_AGAIN_MS);
      }
    }
  }

  private talk(session: Session, room: string): void {
    const { store } = this.parts;
    if (this.conversation?.room !== room) {
      this.conversation = new Conversation({
        room,
        state: () => store.state.room ?? undefined,
        dispatch: (event) => this.room_event(room, event),
        is_looking: this.parts.is_looking,
      });
    }
    void this.conversation.attach(session).then(() => this.follow_place(session, room));
  }

  private room_event(room: string, event: RoomEvent): void {
    const { store } = this.parts;
    if (store.state.room?.room !== room) return;
    if (event.type === "gone" && store.state.room.messages.length === 0) this.start_again(true);
    else if (event.type === "gone") {
      store.dispatch({ type: "room", event: { type: "status_changed", status: "closed" } });
    } else store.dispatch({ type: "room", event });
  }

  private async follow_place(session: Session, room: string): Promise<void> {
    const { store } = this.parts;
    const placed = (_: unknown, kwargs: Kwargs) => {
      store.dispatch({ type: "placed", place: kwargs as unknown as Place });
    };
    try {
      if (store.state.room?.status === "closed") return;
      await patiently(() => session.subscribe(`hotline.room.${room}.place`, placed));
      const place = await patiently(() => session.call<Place>("hotline.anteroom.place", { room }));
      store.dispatch({ type: "placed", place });
    } catch {
      // The place is a kindness; the conversation does not depend on it.
    }
  }
}
