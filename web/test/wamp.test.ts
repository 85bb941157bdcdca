import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Connection, PROBE_MS, pause_before, SILENCE_MS } from "../src/wamp/connection.ts";
import { LOST, open_session, type Session, WampError } from "../src/wamp/session.ts";
import { FakeServer, Refusal } from "./fake_server.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const settle = () => vi.advanceTimersByTimeAsync(0);

describe("a session", () => {
  test("says hello anonymously and calls", async () => {
    const server = new FakeServer();
    server.procedures.set("p", (kwargs) => ({ got: kwargs }));
    const session = await open_session(server.open(), { realm: "help" });
    expect(server.received[0]).toMatchObject([1, "help", { authmethods: ["anonymous"] }]);
    expect(await session.call("p", { a: 1 })).toEqual({ got: { a: 1 } });
  });

  test("answers the challenge with its ticket", async () => {
    const server = new FakeServer();
    server.tickets.set("c", "secret");
    const session = await open_session(server.open(), { realm: "r", authid: "c", ticket: "secret" });
    expect(await session.call("hotline.room.seen")).toEqual({});
    expect(server.received[1]).toEqual([5, "secret", {}]);
  });

  test("tells why it was refused", async () => {
    const server = new FakeServer();
    server.abort = "wamp.error.no_such_realm";
    await expect(open_session(server.open(), { realm: "x" })).rejects.toMatchObject({
      uri: "wamp.error.no_such_realm",
    });
  });

  test("an error carries its URI and details", async () => {
    const server = new FakeServer();
    server.procedures.set("p", () => new Refusal("hotline.error.invalid", { name: "is empty" }));
    const session = await open_session(server.open(), { realm: "r" });
    await expect(session.call("p")).rejects.toMatchObject({
      uri: "hotline.error.invalid",
      kwargs: { name: "is empty" },
    });
  });

  test("two subscriptions to a topic both hear, until each is ended", async () => {
    const server = new FakeServer();
    const session = await open_session(server.open(), { realm: "r" });
    const heard: string[] = [];
    const first = await session.subscribe("t", () => heard.push("first"));
    const second = await session.subscribe("t", () => heard.push("second"));
    server.event("t", [], {});
    await settle();
    session.unsubscribe(first);
    server.event("t", [], {});
    await settle();
    expect(heard).toEqual(["first", "second", "second"]);
    session.unsubscribe(second);
    expect(server.received.at(-1)?.[0]).toBe(34);
  });

  test("hears when the router ends a subscription", async () => {
    const server = new FakeServer();
    const session = await open_session(server.open(), { realm: "r" });
    let revoked = 0;
    const count = () => {
      revoked += 1;
    };
    await session.subscribe("t", () => {}, count);
    for (const socket of server.sockets) socket.tell([35, 0, { subscription: 100, reason: "left" }]);
    await settle();
    expect(revoked).toBe(1);
  });

  test("a cut rejects what waits, and tells once", async () => {
    const server = new FakeServer();
    const session = await open_session(server.open(), { realm: "r" });
    const reasons: string[] = [];
    session.on_lost = (reason) => reasons.push(reason);
    server.stalled = true;
    const call = session.call("hotline.room.join");
    server.cut();
    await expect(call).rejects.toMatchObject({ uri: LOST });
    await expect(session.call("p")).rejects.toMatchObject({ uri: LOST });
    expect(reasons).toEqual([LOST]);
  });

  test("a goodbye of the router is answered and ends the session", async () => {
    const server = new FakeServer();
    const session = await open_session(server.open(), { realm: "r" });
    const reasons: string[] = [];
    session.on_lost = (reason) => reasons.push(reason);
    for (const socket of server.sockets) socket.tell([6, {}, "wamp.close.killed"]);
    await settle();
    expect(server.received.at(-1)).toEqual([6, {}, "wamp.close.goodbye_and_out"]);
    expect(reasons).toEqual(["wamp.close.killed"]);
  });
});

describe("a connection", () => {
  function connect(
    server: FakeServer,
    refused: (error: unknown) => "again" | "later" | "stop" = () => "later",
  ) {
    const sessions: Session[] = [];
    const connection = new Connection({
      open_socket: server.open,
      log_in: async () => ({ realm: "r" }),
      probe: "probe",
      opened: (session) => sessions.push(session),
      changed: () => {},
      refused,
      random: () => 1,
    });
    connection.start();
    return { connection, sessions };
  }

  test("pauses between half a second and thirty, with full jitter", () => {
    expect(pause_before(0, 0)).toBe(500);
    expect(pause_before(0, 1)).toBe(1000);
    expect(pause_before(3, 1)).toBe(8000);
    expect(pause_before(1000, 1)).toBe(30_000);
    expect(pause_before(1000, 0)).toBe(500);
  });

  test("tries for ever until the server is back", async () => {
    const server = new FakeServer();
    server.reachable = false;
    const { connection, sessions } = connect(server);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(connection.status).not.toBe("stopped");
    server.reachable = true;
    await vi.advanceTimersByTimeAsync(30_000);
    expect(sessions).toHaveLength(1);
    connection.stop();
  });

  test("comes back after a cut, with a new session", async () => {
    const server = new FakeServer();
    const { connection, sessions } = connect(server);
    await settle();
    server.cut();
    expect(connection.status).toBe("waiting");
    await vi.advanceTimersByTimeAsync(1000);
    expect(connection.status).toBe("connected");
    expect(sessions).toHaveLength(2);
    connection.stop();
  });

  test("does not wait when the network is back", async () => {
    const server = new FakeServer();
    server.reachable = false;
    const { connection, sessions } = connect(server);
    await vi.advanceTimersByTimeAsync(60_000);
    server.reachable = true;
    if (connection.status === "connecting") await settle();
    connection.wake();
    await settle();
    expect(sessions).toHaveLength(1);
    connection.stop();
  });

  test("notices a socket that died in silence", async () => {
    const server = new FakeServer();
    const { connection, sessions } = connect(server);
    await settle();
    server.stalled = true;
    await vi.advanceTimersByTimeAsync(SILENCE_MS + PROBE_MS + 6_000);
    server.stalled = false;
    await vi.advanceTimersByTimeAsync(30_000);
    expect(sessions.length).toBeGreaterThanOrEqual(2);
    expect(connection.status).toBe("connected");
    connection.stop();
  });

  test("a quiet but living connection is kept", async () => {
    const server = new FakeServer();
    const { connection, sessions } = connect(server);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(sessions).toHaveLength(1);
    expect(server.received.filter((one) => one[0] === 48).length).toBeGreaterThan(5);
    connection.stop();
  });

  test("gives up an attempt that never ends", async () => {
    const server = new FakeServer();
    server.stalled = true;
    const { connection, sessions } = connect(server);
    await vi.advanceTimersByTimeAsync(15_100);
    server.stalled = false;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(sessions).toHaveLength(1);
    connection.stop();
  });

  test("stops when a refusal is final", async () => {
    const server = new FakeServer();
    server.abort = "wamp.error.no_such_realm";
    const refusals: unknown[] = [];
    const { connection } = connect(server, (error) => {
      refusals.push(error);
      return "stop";
    });
    await settle();
    expect(connection.status).toBe("stopped");
    expect(refusals).toEqual([new WampError("wamp.error.no_such_realm")]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.received).toHaveLength(1);
  });

  test("a server without room is asked again when it said, and not by all at once", async () => {
    const server = new FakeServer();
    server.abort = "hotline.close.busy";
    server.abort_details = { message: "Too many.", retry_after: 5 };
    const { connection, sessions } = connect(server);
    await settle();
    server.abort = null;
    await vi.advanceTimersByTimeAsync(9_900);
    expect(sessions).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(200);
    expect(sessions).toHaveLength(1);
    connection.stop();
  });

  test("a server that throws everybody out at once is not asked in a hot loop", async () => {
    const server = new FakeServer();
    const { connection, sessions } = connect(server);
    for (let i = 0; i < 300; i += 1) {
      await vi.advanceTimersByTimeAsync(200);
      server.cut();
    }
    expect(sessions.length).toBeLessThan(10);
    connection.stop();
  });
});
