/**
 * A connection that comes back by itself: in go a way to log in and to open sockets, out come one open session after the
 * other and the present status. It watches for sockets that died without saying so, and tries again for ever, until a
 * refusal is final. It never sends anything of its own but the probe, and knows no chat.
 */

import { LOST, type Login, open_session, type Session, type Socket, WampError } from "./session.ts";

export type ConnectionStatus = "connecting" | "connected" | "waiting" | "stopped";

export interface ConnectionParts {
  open_socket: () => Socket;
  /** Asked before each attempt; a rejection is a failed attempt like any other. */
  log_in: () => Promise<Login>;
  /** A cheap procedure to ask when nothing was heard for long. */
  probe: string;
  opened: (session: Session) => void;
  changed: (status: ConnectionStatus) => void;
  /** The attempt was refused with this reason: "again" tries on at once, "later" after a pause, "stop" gives up. */
  refused: (error: unknown) => "again" | "later" | "stop";
  random?: () => number;
}

export const SILENCE_MS = 45_000;
export const PROBE_MS = 10_000;
/** When the browser itself says that something changed, an answer should come soon. */
export const SUSPICIOUS_MS = 3_000;
const OPENING_MS = 15_000;
const WATCH_MS = 5_000;
const STABLE_MS = 10_000;
const SHORTEST_MS = 500;
const LONGEST_MS = 30_000;

/** How long to pause before attempt number `attempt` (from 0): full jitter between half a second and a growing limit. */
export function pause_before(attempt: number, random: number): number {
  const limit = Math.min(LONGEST_MS, 1000 * 2 ** Math.min(attempt, 10));
  return SHORTEST_MS + random * (limit - SHORTEST_MS);
}

/** The pause at least that a server with no room asked for, up to twice as long: not all are to come again at once. */
function pause_asked_for(error: unknown, random: number): number {
  const seconds = error instanceof WampError ? Number(error.kwargs.retry_after) : 0;
  return seconds > 0 ? Math.min(LONGEST_MS, seconds * 1000 * (1 + random)) : 0;
}

export class Connection {
  session: Session | null = null;
  status: ConnectionStatus = "stopped";

  #failures = 0;
  #round = 0;
  #opened_at = 0;
  #probing = false;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #watch: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly parts: ConnectionParts) {}

  start(): void {
    if (this.status !== "stopped") return;
    this.#failures = 0;
    this.#watch = setInterval(() => this.#look(), WATCH_MS);
    void this.#attempt();
  }

  /** Ends the session and does not come back before `start`. */
  stop(): void {
    this.#drop();
    clearInterval(this.#watch);
    clearTimeout(this.#retry);
    this.#change("stopped");
  }

  /** Something speaks for a working network: do not wait any longer, and do not trust an old silence. */
  wake(): void {
    if (this.status === "waiting") {
      clearTimeout(this.#retry);
      void this.#attempt();
    } else {
      this.doubt(SUSPICIOUS_MS);
    }
  }

  /** Asks whether the other end is still there, and reconnects when it does not answer. */
  doubt(patience = PROBE_MS): void {
    const { session } = this;
    if (!session || this.#probing) return;
    this.#probing = true;
    const asked_at = Date.now();
    const done = () => {
      this.#probing = false;
      clearTimeout(timer);
    };
    const timer = setTimeout(() => {
      done();
      if (this.session === session && session.heard_at < asked_at) session.close();
    }, patience);
    // Any answer will do, an error too.
    session.call(this.parts.probe).then(done, done);
  }

  #look(): void {
    if (this.session && Date.now() - this.session.heard_at >= SILENCE_MS) this.doubt();
  }

  #change(status: ConnectionStatus): void {
    this.status = status;
    this.parts.changed(status);
  }

  #drop(): void {
    this.#round += 1;
    const { session } = this;
    this.session = null;
    this.#probing = false;
    if (session) {
      session.on_lost = null;
      session.close();
    }
  }

  async #attempt(): Promise<void> {
    this.#round += 1;
    const round = this.#round;
    this.#change("connecting");
    let socket: Socket | null = null;
    const timer = setTimeout(() => {
      if (round !== this.#round) return;
      this.#round += 1;
      socket?.close();
      this.#failed(new WampError(LOST));
    }, OPENING_MS);
    try {
      const login = await this.parts.log_in();
      if (round !== this.#round) return;
      socket = this.parts.open_socket();
      const session = await open_session(socket, login);
      if (round !== this.#round) {
        session.close();
        return;
      }
      this.session = session;
      this.#opened_at = Date.now();
      session.on_lost = () => this.#lost(session);
      this.#change("connected");
      this.parts.opened(session);
    } catch (error) {
      if (round === this.#round) this.#failed(error);
    } finally {
      clearTimeout(timer);
    }
  }

  #lost(session: Session): void {
    if (this.session !== session) return;
    this.session = null;
    this.#probing = false;
    // A session that ends right after its beginning is a failure too: no hot loop.
    if (Date.now() - this.#opened_at >= STABLE_MS) this.#failures = 0;
    this.#pause();
  }

  #failed(error: unknown): void {
    const lost = error instanceof WampError && error.uri === LOST;
    const verdict = lost ? "later" : this.parts.refused(error);
    if (verdict === "again") void this.#attempt();
    else if (verdict === "stop") this.stop();
    else this.#pause(error);
  }

  #pause(error?: unknown): void {
    const random = (this.parts.random ?? Math.random)();
    clearTimeout(this.#retry);
    this.#retry = setTimeout(
      () => void this.#attempt(),
      Math.max(pause_before(this.#failures, random), pause_asked_for(error, random)),
    );
    this.#failures += 1;
    this.#change("waiting");
  }
}
