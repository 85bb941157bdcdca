/** What each part of the desk has to do with: in go requests, out come answers, or a notice of why there is none. It decides nothing. */

import { tr } from "../i18n/texts.ts";
import type { ConsoleEvent, ConsoleState } from "../state/console.ts";
import { patiently, sentence_of, uri_of } from "../talk/asking.ts";
import type { Store } from "../talk/store.ts";
import type { Connection } from "../wamp/connection.ts";
import { type Kwargs, LOST, type Session, WampError } from "../wamp/session.ts";

export class Wire {
  /** Set by the desk, which makes the connection. */
  connection!: Connection;

  constructor(
    private readonly store: Store<ConsoleState, ConsoleEvent>,
    readonly is_visible: () => boolean,
  ) {}

  get state(): ConsoleState {
    return this.store.state;
  }

  get me(): string {
    return this.store.state.me.id;
  }

  dispatch(event: ConsoleEvent): void {
    this.store.dispatch(event);
  }

  notice(notice: string): void {
    this.dispatch({ type: "noticed", notice });
  }

  /** Asks with patience over the session there is. */
  call<T>(procedure: string, kwargs: Kwargs = {}): Promise<T> {
    return patiently(async () => {
      const { session } = this.connection;
      if (!session) throw new WampError(LOST);
      return session.call<T>(procedure, kwargs);
    });
  }

  /** Asks too; a refusal becomes a notice, and null. */
  async ask<T>(procedure: string, kwargs: Kwargs = {}): Promise<T | null> {
    try {
      return await this.call<T>(procedure, kwargs);
    } catch (error) {
      this.notice(refusal_of(error));
      return null;
    }
  }

  /** Asks for something that was filled in; gives why it was refused, in words, or nothing. */
  async submit<T>(
    procedure: string,
    kwargs: Kwargs,
    done: (result: T) => void = () => {},
    told: (error: unknown) => string = refusal_of,
  ): Promise<string> {
    try {
      done(await this.call<T>(procedure, kwargs));
      return "";
    } catch (error) {
      return told(error);
    }
  }

  /** Asks for what can do without an answer. */
  async try_for<T>(procedure: string, kwargs: Kwargs = {}): Promise<T | null> {
    return this.call<T>(procedure, kwargs).catch(() => null);
  }

  /** Listens with patience; what may not be listened to stays silent. */
  async listen(session: Session, topic: string, heard: (kwargs: Kwargs) => void) {
    try {
      return await patiently(() => session.subscribe(topic, (_, kwargs) => heard(kwargs)));
    } catch (error) {
      if (uri_of(error) === LOST) throw error;
      return null;
    }
  }
}

/** How many rooms somebody may serve who has as many; null: it was refused for something else. */
export function limit_of(error: unknown): number | null {
  const { kwargs = {} } = error instanceof WampError ? error : {};
  return kwargs.reason === "limit" ? Number(kwargs.limit) : null;
}

/** What a consultant is told about a refusal. */
export function refusal_of(error: unknown): string {
  const { kwargs = {} } = error instanceof WampError ? error : {};
  if (uri_of(error) === "hotline.error.already_claimed") {
    const { name } = (kwargs.by ?? {}) as { name?: string };
    return name
      ? tr("{name} is already talking with this client.", { name })
      : tr("Somebody else was faster.");
  }
  if (uri_of(error) === "hotline.error.not_allowed") {
    const limit = limit_of(error);
    if (limit !== null) {
      return tr("No more than {limit} chats at once. One has to end or be handed over first.", { limit });
    }
  }
  return sentence_of(error);
}
