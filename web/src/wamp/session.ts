/**
 * One WAMP session on one socket: in go a socket and a login, out come answers to calls and events of subscriptions.
 * It speaks JSON, as caller, subscriber and publisher, and never reconnects: that is connection.ts. It knows no chat.
 */

export type Kwargs = Record<string, unknown>;

/** What the session needs of a WebSocket. */
export interface Socket {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: (() => void) | null;
  onerror: (() => void) | null;
  send(text: string): void;
  close(): void;
}

/** Who says hello: anonymous, or with a ticket. */
export interface Login {
  realm: string;
  authid?: string;
  ticket?: string;
}

/** An ERROR or ABORT of the router, or LOST when the connection went away before the answer. */
export class WampError extends Error {
  constructor(
    readonly uri: string,
    readonly kwargs: Kwargs = {},
  ) {
    super(uri);
  }
}

export const LOST = "connection.lost";
export const SUBPROTOCOL = "wamp.2.json";

export type EventHandler = (args: unknown[], kwargs: Kwargs) => void;

/** `revoked` is called when the router itself ended the subscription. */
export interface Subscription {
  readonly topic: string;
  readonly on_event: EventHandler;
  readonly on_revoked: () => void;
}

const HELLO = 1;
const WELCOME = 2;
const ABORT = 3;
const CHALLENGE = 4;
const AUTHENTICATE = 5;
const GOODBYE = 6;
const ERROR = 8;
const PUBLISH = 16;
const PUBLISHED = 17;
const SUBSCRIBE = 32;
const SUBSCRIBED = 33;
const UNSUBSCRIBE = 34;
const UNSUBSCRIBED = 35;
const EVENT = 36;
const CALL = 48;
const RESULT = 50;

interface Waiting {
  resolve: (value: unknown) => void;
  reject: (error: WampError) => void;
  subscription: Subscription | undefined;
}

function object_of(value: unknown): Kwargs {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Kwargs) : {};
}

function list_of(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Promises the session once the router has welcomed it; rejects with the reason of an ABORT, or LOST. */
export function open_session(socket: Socket, login: Login): Promise<Session> {
  return new Promise((resolve, reject) => {
    const session = new Session(socket, login, () => resolve(session), reject);
  });
}

export class Session {
  /** When something was last heard from the router, in milliseconds of `Date.now()`. */
  heard_at = Date.now();
  /** Called once when an open session is over, for whatever reason. */
  on_lost: ((reason: string) => void) | null = null;

  #state: "opening" | "open" | "over" = "opening";
  #last_request = 0;
  readonly #waiting = new Map<number, Waiting>();
  readonly #subscriptions = new Map<number, Set<Subscription>>();

  constructor(
    private readonly socket: Socket,
    private readonly login: Login,
    private readonly welcomed: () => void,
    private readonly refused: (error: WampError) => void,
  ) {
    socket.onopen = () => this.#send([HELLO, login.realm, this.#hello_details()]);
    socket.onmessage = (event) => this.#receive(event.data);
    socket.onclose = socket.onerror = () => this.#end();
  }

  /** Promises the one value a procedure returns. */
  call<T>(procedure: string, kwargs: Kwargs = {}): Promise<T> {
    return this.#request([CALL], [{}, procedure, [], kwargs]) as Promise<T>;
  }

  /** Promises that the router took the message in: for rooms that means it is stored. */
  publish(topic: string, args: unknown[], kwargs: Kwargs): Promise<unknown> {
    return this.#request([PUBLISH], [{ acknowledge: true, exclude_me: false }, topic, args, kwargs]);
  }

  /** Says something passing: nobody will confirm it. */
  signal(topic: string, kwargs: Kwargs): void {
    if (this.#state === "open") this.#send([PUBLISH, this.#next_request(), {}, topic, [], kwargs]);
  }

  /** Promises the subscription; events may arrive right after. */
  async subscribe(
    topic: string,
    on_event: EventHandler,
    on_revoked: () => void = () => {},
  ): Promise<Subscription> {
    const subscription: Subscription = { topic, on_event, on_revoked };
    await this.#request([SUBSCRIBE], [{}, topic], subscription);
    return subscription;
  }

  /** Ends a subscription at once; what the router answers does not matter. */
  unsubscribe(subscription: Subscription): void {
    for (const [id, set] of this.#subscriptions) {
      if (!set.delete(subscription) || set.size > 0) continue;
      this.#subscriptions.delete(id);
      this.#request([UNSUBSCRIBE], [id]).catch(() => {});
    }
  }

  /** Ends the session without waiting for an answer. */
  close(reason = "wamp.close.close_realm"): void {
    if (this.#state === "open") this.#send([GOODBYE, {}, reason]);
    this.#end();
  }

  #hello_details(): Kwargs {
    const roles = {
      caller: {},
      subscriber: { features: { subscription_revocation: true } },
      publisher: {},
    };
    const { authid } = this.login;
    return { roles, authmethods: [authid ? "ticket" : "anonymous"], authid };
  }

  #next_request(): number {
    this.#last_request += 1;
    return this.#last_request;
  }

  #request(head: [number], tail: unknown[], subscription?: Subscription): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#state !== "open") {
        reject(new WampError(LOST));
        return;
      }
      const id = this.#next_request();
      this.#waiting.set(id, { resolve, reject, subscription });
      this.#send([...head, id, ...tail]);
    });
  }

  #send(message: unknown[]): void {
    try {
      this.socket.send(JSON.stringify(message));
    } catch {
      this.#end();
    }
  }

  #end(error = new WampError(LOST)): void {
    if (this.#state === "over") return;
    const was_open = this.#state === "open";
    this.#state = "over";
    const { socket } = this;
    socket.onopen = socket.onmessage = socket.onclose = socket.onerror = null;
    socket.close();
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    this.#subscriptions.clear();
    for (const one of waiting) one.reject(new WampError(LOST));
    if (was_open) this.on_lost?.(error.uri);
    else this.refused(error);
  }

  #receive(data: unknown): void {
    let message: unknown;
    try {
      message = JSON.parse(String(data));
    } catch {
      this.#end();
      return;
    }
    this.heard_at = Date.now();
    const [code, ...rest] = list_of(message);
    if (this.#state === "opening") this.#greet(code, rest);
    else if (this.#state === "open") this.#take(code, rest);
  }

  #greet(code: unknown, rest: unknown[]): void {
    if (code === WELCOME) {
      this.#state = "open";
      this.welcomed();
    } else if (code === CHALLENGE && this.login.ticket !== undefined) {
      this.#send([AUTHENTICATE, this.login.ticket, {}]);
    } else if (code === ABORT) {
      this.#end(new WampError(String(rest[1]), object_of(rest[0])));
    } else {
      this.#end(new WampError("wamp.error.protocol_violation"));
    }
  }

  #take(code: unknown, rest: unknown[]): void {
    switch (code) {
      case EVENT: {
        const [id, , , args, kwargs] = rest;
        for (const one of [...(this.#subscriptions.get(Number(id)) ?? [])]) {
          one.on_event(list_of(args), object_of(kwargs));
        }
        break;
      }
      case RESULT: {
        // One dict or list comes as the only positional value.
        const args = list_of(rest[2]);
        this.#waiter(rest[0])?.resolve(args.length > 0 ? args[0] : object_of(rest[3]));
        break;
      }
      case PUBLISHED:
      case UNSUBSCRIBED:
        if (rest[0] === 0) this.#revoke(Number(object_of(rest[1]).subscription));
        this.#waiter(rest[0])?.resolve(null);
        break;
      case SUBSCRIBED: {
        const waiter = this.#waiter(rest[0]);
        const id = Number(rest[1]);
        const known = this.#subscriptions.get(id) ?? new Set();
        if (waiter?.subscription) this.#subscriptions.set(id, known.add(waiter.subscription));
        waiter?.resolve(null);
        break;
      }
      case ERROR:
        this.#waiter(rest[1])?.reject(new WampError(String(rest[3]), object_of(rest[5])));
        break;
      case GOODBYE:
        this.#send([GOODBYE, {}, "wamp.close.goodbye_and_out"]);
        this.#end(new WampError(String(rest[1])));
        break;
      case ABORT:
        this.#end(new WampError(String(rest[1])));
    }
  }

  /** Whoever waits for the answer to this request; nobody does a second time. */
  #waiter(request: unknown): Waiting | undefined {
    const waiting = this.#waiting.get(Number(request));
    this.#waiting.delete(Number(request));
    return waiting;
  }

  #revoke(id: number): void {
    const set = this.#subscriptions.get(id);
    this.#subscriptions.delete(id);
    for (const one of set ?? []) one.on_revoked();
  }
}
