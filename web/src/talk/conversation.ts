/**
 * One room over whatever session there is: in go sessions and what the person types, out come room events for the state. It
 * joins, listens, fills gaps, and sends the outbox in order until each message is known to be stored. It holds no state of the
 * room itself, and shows nothing.
 */

import { tr } from "../i18n/texts.ts";
import { has_gap, has_lost_echo, next_to_send, type RoomEvent, type RoomState } from "../state/room.ts";
import type { History, Joined, Message, Person } from "../state/types.ts";
import { type Kwargs, LOST, type Session, type Subscription, WampError } from "../wamp/session.ts";
import { new_nonce, patiently, sentence_of, uri_of, wait_of } from "./asking.ts";
import { sleep } from "./sleep.ts";

export interface ConversationParts {
  room: string;
  state: () => RoomState | undefined;
  dispatch: (event: RoomEvent) => void;
  /** Whether the person has this room before their eyes. */
  is_looking: () => boolean;
}

const PAGE = 200;
const EARLIER_PAGE = 50;
const ECHO_MS = 1_500;
const TYPING_EVERY_MS = 3_000;
const TELL_EVERY_MS = 1_000;

export class Conversation {
  readonly room: string;
  readonly #topic: string;
  #session: Session | null = null;
  #attached = false;
  #subscriptions: Subscription[] = [];
  #fetching: Promise<void> | null = null;
  #sending: Session | null = null;
  #typing_sent_at = 0;
  #told = { seen: 0, delivered: 0 };
  #telling: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly parts: ConversationParts) {
    this.room = parts.room;
    this.#topic = `hotline.room.${parts.room}`;
  }

  /** Joins, listens and catches up on a new session, then sends what waits. */
  async attach(session: Session): Promise<void> {
    this.#session = session;
    this.#attached = false;
    this.#subscriptions = [];
    const { room } = this;
    const topic = this.#topic;
    try {
      const joined = await patiently(() => session.call<Joined>("hotline.room.join", { room }));
      this.parts.dispatch({ type: "joined", joined });
      if (joined.status !== "closed") {
        const listen = async (name: string, heard: (args: unknown[], kwargs: Kwargs) => void) => {
          const revoked = () => this.#revoked(session);
          const subscription = await patiently(() => session.subscribe(name, heard, revoked));
          if (this.#session === session) this.#subscriptions.push(subscription);
          else session.unsubscribe(subscription);
        };
        await Promise.all([
          listen(topic, (args, kwargs) => this.#heard(args, kwargs)),
          listen(`${topic}.typing`, (_, kwargs) => this.#heard_typing(kwargs)),
          listen(`${topic}.seen`, (_, kwargs) =>
            this.parts.dispatch({ ...(kwargs as { id: string; seq: number }), type: "seen" }),
          ),
        ]);
      }
      if (this.#session !== session) return;
      await this.#catch_up();
      if (this.#session !== session) return;
      this.parts.dispatch({ type: "caught_up" });
      this.#attached = true;
      this.#told = { seen: 0, delivered: 0 };
      this.looked();
      void this.#flush();
    } catch (error) {
      const uri = uri_of(error);
      if (this.#session !== session || uri === LOST) return;
      // Taken over, say, while there was no connection: nobody has tried to do anything.
      if (uri === "hotline.error.not_allowed") this.#gone();
      else this.#gone(sentence_of(error));
    }
  }

  is_attached_to(session: Session): boolean {
    return this.#session === session;
  }

  /** The session is over; what was on its way goes back to the outbox. */
  detach(): void {
    if (!this.#session) return;
    this.#let_go();
    this.parts.dispatch({ type: "disconnected" });
  }

  /** Stops listening without leaving the room. */
  put_away(): void {
    for (const subscription of this.#subscriptions) this.#session?.unsubscribe(subscription);
    this.#subscriptions = [];
    this.#let_go();
  }

  #let_go(): void {
    this.#session = null;
    this.#attached = false;
    this.#fetching = null;
    clearTimeout(this.#telling);
    this.#telling = undefined;
  }

  say(text: string): void {
    this.#typing_sent_at = 0;
    this.parts.dispatch({ type: "said", nonce: new_nonce(), text, at: new Date().toISOString() });
    void this.#flush();
  }

  /** Sends a refused message as a new one. */
  try_again(nonce: string): void {
    this.parts.dispatch({ type: "tried_again", nonce, next_nonce: new_nonce() });
    void this.#flush();
  }

  /** The person types, or has stopped. */
  types(typing: boolean): void {
    if (!this.#attached || this.parts.state()?.status === "closed") return;
    const now = Date.now();
    if (typing ? now - this.#typing_sent_at < TYPING_EVERY_MS : this.#typing_sent_at === 0) return;
    this.#typing_sent_at = typing ? now : 0;
    this.#session?.signal(`${this.#topic}.typing`, { typing });
  }

  /** Messages have arrived here, and the person may have seen them: tell the others, at most once a second. */
  looked(): void {
    const state = this.parts.state();
    if (!this.#attached || this.#telling !== undefined || !state || state.status === "closed") return;
    const { room } = this;
    const { me, last: seq } = state;
    const mark = this.parts.is_looking() ? "seen" : "delivered";
    if (seq <= Math.max(this.#told[mark], state[mark][me] ?? 0)) return;
    this.#told[mark] = seq;
    this.#telling = setTimeout(() => {
      this.#telling = undefined;
      this.looked();
    }, TELL_EVERY_MS);
    if (mark === "seen") this.parts.dispatch({ type: "seen", id: me, seq });
    const session = this.#session;
    patiently(async () => session?.call(`hotline.room.${mark}`, { room, seq })).catch(() => {
      // The next connection tells it again.
    });
  }

  /** Says something else in one's last message, or nothing (null); gives what went wrong in words, if something did. */
  async correct(seq: number, text: string | null): Promise<string> {
    const { room } = this;
    const session = this.#session;
    const [what, said] = text === null ? ["withdraw", {}] : ["edit", { text }];
    const kwargs = { room, seq, nonce: new_nonce(), ...said };
    try {
      if (!session) throw new WampError(LOST);
      await patiently(() => session.call(`hotline.room.${what}`, kwargs));
      return "";
    } catch (error) {
      if (uri_of(error) === "hotline.error.not_allowed") return tr("It is too late to change this message.");
      return sentence_of(error);
    }
  }

  async fetch_earlier(limit = EARLIER_PAGE): Promise<void> {
    const { room } = this;
    const session = this.#session;
    const before = (this.parts.state()?.first ?? 0) + 1;
    if (!session || before <= 1) return;
    try {
      const history = await patiently(() =>
        session.call<History>("hotline.room.history", { room, before, limit }),
      );
      this.parts.dispatch({ type: "fetched_earlier", ...history, before });
    } catch {
      // The button is still there.
    }
  }

  #heard(args: unknown[], kwargs: Kwargs): void {
    const message = { ...kwargs, text: args[0] } as unknown as Message;
    this.parts.dispatch({ type: "received", message });
    const state = this.parts.state();
    if (state && has_gap(state)) this.#catch_up().catch(() => {});
    this.looked();
  }

  #heard_typing({ typing, sender }: Kwargs): void {
    const { id, name } = sender as Person;
    this.parts.dispatch({ type: "typed", id, name, typing: typing === true, now: Date.now() });
  }

  #revoked(session: Session): void {
    if (this.#session !== session || !this.#attached) return;
    this.put_away();
    // Whoever is still in the room when it closes has heard that it did.
    if (this.parts.state()?.status !== "closed") {
      this.#gone();
    }
  }

  #gone(reason = tr("You are not in this conversation any more.")): void {
    this.parts.dispatch({ type: "gone", reason });
  }

  /** Fetches what follows the log until nothing is missing; one fetch at a time. */
  #catch_up(): Promise<void> {
    if (this.#fetching) return this.#fetching;
    const fetching = this.#fetch_all().finally(() => {
      if (this.#fetching === fetching) this.#fetching = null;
    });
    this.#fetching = fetching;
    return fetching;
  }

  async #fetch_all(): Promise<void> {
    const { room } = this;
    const session = this.#session;
    for (let round = 0; session && this.#session === session; round += 1) {
      const before = this.parts.state();
      if (!before) return;
      const after = before.last;
      const history = await patiently(() =>
        session.call<History>("hotline.room.history", { room, after, limit: PAGE }),
      );
      this.parts.dispatch({ type: "fetched", messages: history.messages as Message[] });
      const state = this.parts.state();
      if (!state || (!history.more && !has_gap(state))) return;
      if (state.last === after) await sleep(Math.min(5000, 250 * 2 ** round));
    }
  }

  /** Sends the outbox in order, one message at a time, so that the order typed is the order stored. */
  async #flush(): Promise<void> {
    const session = this.#session;
    if (!session || !this.#attached || this.#sending === session) return;
    this.#sending = session;
    for (;;) {
      const state = this.parts.state();
      const next = state && next_to_send(state);
      if (!next || this.#session !== session) break;
      const { nonce, text } = next;
      this.parts.dispatch({ type: "sending", nonce });
      try {
        await session.publish(this.#topic, [text], { nonce });
        this.parts.dispatch({ type: "stored", nonce });
        setTimeout(() => void this.#look_for_echo(session), ECHO_MS);
      } catch (error) {
        if (uri_of(error) === LOST) break;
        const wait = wait_of(error);
        if (wait === null) {
          this.parts.dispatch({ type: "refused", nonce, reason: sentence_of(error) });
        } else {
          this.parts.dispatch({ type: "postponed", nonce });
          await sleep(wait);
        }
      }
    }
    if (this.#sending === session) this.#sending = null;
  }

  /** Acknowledged, but not heard: it was stored before the connection was cut, so the log has it. */
  async #look_for_echo(session: Session): Promise<void> {
    const state = this.parts.state();
    if (this.#session !== session || !state || !has_lost_echo(state)) return;
    const stored = state.pending.filter((one) => one.status === "stored");
    try {
      await this.#catch_up();
      for (const { nonce } of stored) this.parts.dispatch({ type: "given_up", nonce });
    } catch {
      // The next connection sends it again, with the same nonce.
    }
  }
}
