/**
 * A server small enough to read: WAMP on fake sockets, one room with the promises of the contract. In go what the app sends, out
 * come answers; `cut`, `stall` and `refuse` break it on purpose. It keeps what it stored over every cut.
 */

import type { Storage } from "../src/client/identity.ts";
import type { Message, Role } from "../src/state/types.ts";
import type { Kwargs, Socket } from "../src/wamp/session.ts";

/** What a tab keeps. */
export function memory(): Storage & { values: Map<string, string> } {
  const values = new Map<string, string>();
  return {
    values,
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
    removeItem: (key) => void values.delete(key),
  };
}

type Wire = unknown[];
type Answer = unknown | Refusal;
export type Procedure = (kwargs: Kwargs, link: FakeSocket) => Answer;

export class Refusal {
  constructor(
    readonly uri: string,
    readonly kwargs: Kwargs = {},
  ) {}
}

export class FakeSocket implements Socket {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  onerror: (() => void) | null = null;
  authid = "";
  closed = false;
  readonly topics = new Map<string, number>();

  constructor(private readonly server: FakeServer) {}

  send(text: string): void {
    if (this.closed) throw new Error("closed");
    this.server.receive(this, JSON.parse(text) as Wire);
  }

  close(): void {
    this.closed = true;
    this.server.sockets.delete(this);
  }

  /** Says something to the app, in a later turn like a network. */
  tell(message: Wire): void {
    queueMicrotask(() => {
      if (!this.closed && !this.server.stalled) this.onmessage?.({ data: JSON.stringify(message) });
    });
  }
}

export class FakeServer {
  readonly sockets = new Set<FakeSocket>();
  /** Every message received, for asserting on what went over the wire. */
  readonly received: Wire[] = [];
  readonly log: Message[] = [];
  readonly procedures = new Map<string, Procedure>();
  /** authid to ticket; an anonymous hello needs none. */
  readonly tickets = new Map<string, string>();
  reachable = true;
  stalled = false;
  /** Refuses the next publishes with these, in order. */
  readonly refusals: Refusal[] = [];
  /** Stores the next publish and cuts the connection before the acknowledgement. */
  cut_after_store = false;
  /** Keeps this seq from its subscribers, as if it were lost. */
  lost_seq = 0;
  private subscriptions = 99;
  abort: string | null = null;
  abort_details: Kwargs = {};

  constructor(readonly room = "room1") {
    this.procedures.set("hotline.room.join", () => ({
      room,
      status: this.log.some((one) => one.kind === "closed") ? "closed" : "waiting",
      client: { id: "me", name: "Me" },
      members: [],
      last_seq: this.log.length,
      seen: {},
      delivered: {},
    }));
    this.procedures.set("hotline.room.history", ({ after, before, limit }) => {
      const from = typeof before === "number" ? Math.max(0, before - 1 - Number(limit)) : Number(after ?? 0);
      const to = typeof before === "number" ? before - 1 : this.log.length;
      const messages = this.log.slice(from, Math.min(to, from + Number(limit)));
      return { messages, more: typeof before === "number" ? from > 0 : from + messages.length < to };
    });
    this.procedures.set("hotline.room.seen", () => ({}));
    this.procedures.set("hotline.room.delivered", () => ({}));
    this.procedures.set("hotline.room.leave", () => ({}));
  }

  open = (): FakeSocket => {
    const socket = new FakeSocket(this);
    queueMicrotask(() => {
      if (!this.reachable) {
        socket.closed = true;
        socket.onclose?.();
        return;
      }
      this.sockets.add(socket);
      socket.onopen?.();
    });
    return socket;
  };

  /** The network is gone for everybody. */
  cut(): void {
    for (const socket of [...this.sockets]) {
      socket.close();
      socket.onclose?.();
    }
  }

  /** Another person says something, or something happens. */
  add(
    text: string,
    sender = "other",
    kind = "message",
    nonce: string | null = null,
    role: Role = "staff",
  ): Message {
    const message: Message = {
      seq: this.log.length + 1,
      at: "2026-11-22T12:00:00.000Z",
      kind,
      text,
      sender: { id: sender, name: sender, role },
      nonce,
    };
    this.log.push(message);
    if (message.seq !== this.lost_seq) {
      const { seq, at, sender: by } = message;
      this.event(`hotline.room.${this.room}`, [text], { seq, at, kind, sender: by, nonce });
    }
    return message;
  }

  event(topic: string, args: unknown[], kwargs: Kwargs): void {
    for (const socket of this.sockets) {
      const subscription = socket.topics.get(topic);
      if (subscription) socket.tell([36, subscription, 1, {}, args, kwargs]);
    }
  }

  /** The subscribers may not hear this any more, nor what belongs to it. */
  revoke(topic: string): void {
    for (const socket of this.sockets) {
      for (const [name, id] of socket.topics) {
        if (!name.startsWith(topic)) continue;
        socket.topics.delete(name);
        socket.tell([35, 0, { subscription: id, reason: "wamp.error.not_authorized" }]);
      }
    }
  }

  published(): Wire[] {
    return this.received.filter((one) => one[0] === 16 && (one[2] as Kwargs).acknowledge === true);
  }

  receive(socket: FakeSocket, message: Wire): void {
    this.received.push(message);
    const [code, a, b, c, , e] = message;
    switch (code) {
      case 1: {
        const { authid, authmethods } = b as Kwargs;
        if (this.abort) socket.tell([3, this.abort_details, this.abort]);
        else if ((authmethods as string[])[0] === "ticket") {
          socket.authid = String(authid);
          socket.tell([4, "ticket", {}]);
        } else socket.tell([2, 1, {}]);
        break;
      }
      case 5:
        if (this.tickets.get(socket.authid) === a) socket.tell([2, 1, {}]);
        else socket.tell([3, {}, "wamp.error.authentication_denied"]);
        break;
      case 16:
        this.publish(socket, message);
        break;
      case 32: {
        this.subscriptions += 1;
        const id = socket.topics.get(String(c)) ?? this.subscriptions;
        socket.topics.set(String(c), id);
        socket.tell([33, a, id]);
        break;
      }
      case 34:
        for (const [topic, id] of socket.topics) if (id === b) socket.topics.delete(topic);
        socket.tell([35, a]);
        break;
      case 48: {
        const answer = this.procedures.get(String(c))?.(e as Kwargs, socket) ?? new Refusal("wamp.error.x");
        if (answer instanceof Refusal) socket.tell([8, 48, a, {}, answer.uri, [], answer.kwargs]);
        else socket.tell([50, a, {}, [answer]]);
        break;
      }
    }
  }

  private publish(socket: FakeSocket, [, request, options, topic, args, kwargs]: Wire): void {
    if ((options as Kwargs).acknowledge !== true) return;
    const refusal = this.refusals.shift();
    if (refusal) {
      socket.tell([8, 16, request, {}, refusal.uri, [], refusal.kwargs]);
      return;
    }
    const { nonce } = kwargs as { nonce: string };
    if (topic === `hotline.room.${this.room}` && !this.log.some((one) => one.nonce === nonce)) {
      if (this.cut_after_store) {
        this.cut_after_store = false;
        this.lost_seq = this.log.length + 1;
        this.add(String((args as unknown[])[0]), "me", "message", nonce);
        this.cut();
        return;
      }
      this.add(String((args as unknown[])[0]), "me", "message", nonce);
    }
    socket.tell([17, request, 1]);
  }
}
