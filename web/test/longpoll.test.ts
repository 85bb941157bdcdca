import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { browser_sockets, SWALLOWED_MS } from "../src/wamp/browser.ts";
import { poll } from "../src/wamp/longpoll.ts";
import { open_session, type Socket } from "../src/wamp/session.ts";

const BASE = "https://help.example";

/** Long polls of a server that answers each request as the test says. */
class FakeHttp {
  readonly posts: [string, string][] = [];
  readonly answers: string[] = [];
  ready = true;
  can_open = true;
  private asking: ((answer: Response) => void) | null = null;

  readonly fetch = (path: string, init: RequestInit = {}): Promise<Response> => {
    if (path === "/readyz") return Promise.resolve(new Response("", { status: this.ready ? 200 : 503 }));
    this.posts.push([path, String(init.body)]);
    if (path.endsWith("/open") && !this.can_open) return Promise.reject(new TypeError("no network"));
    if (path.endsWith("/open")) return Promise.resolve(Response.json({ transport: "t1" }));
    if (!path.endsWith("/receive")) return Promise.resolve(new Response(null, { status: 202 }));
    const answer = this.answers.shift();
    if (answer !== undefined) return Promise.resolve(new Response(answer));
    return new Promise((resolve, reject) => {
      this.asking = resolve;
      init.signal?.addEventListener("abort", () => reject(new DOMException("", "AbortError")));
    });
  };

  say(answer: Response | string): void {
    if (this.asking) this.asking(typeof answer === "string" ? new Response(answer) : answer);
    else this.answers.push(String(answer));
    this.asking = null;
  }

  sent(action: string): string[] {
    return this.posts.filter(([path]) => path === `/wamp/${action}`).map(([, body]) => body);
  }
}

let http: FakeHttp;
let beacons: string[];
let leaves: Set<unknown>;
let web_sockets: EventTarget[];

beforeEach(() => {
  http = new FakeHttp();
  beacons = [];
  leaves = new Set();
  web_sockets = [];
  vi.stubGlobal("fetch", http.fetch);
  vi.stubGlobal("navigator", { sendBeacon: (path: string) => beacons.push(path) });
  vi.stubGlobal("addEventListener", (_: string, leave: unknown) => leaves.add(leave));
  vi.stubGlobal("removeEventListener", (_: string, leave: unknown) => leaves.delete(leave));
  vi.stubGlobal("location", new URL(`${BASE}/o/help`));
  vi.stubGlobal("LONGPOLL", new URL("../src/wamp/longpoll.ts", import.meta.url).pathname);
  vi.stubGlobal(
    "WebSocket",
    class extends EventTarget {
      constructor(readonly url: URL) {
        super();
        web_sockets.push(this);
      }

      close(): void {
        this.dispatchEvent(new Event("close"));
      }
    },
  );
});
afterEach(() => {
  vi.unstubAllGlobals();
});

function new_socket(): Socket {
  return {
    onopen: vi.fn<() => void>(),
    onmessage: vi.fn<() => void>(),
    onclose: vi.fn<() => void>(),
    onerror: vi.fn<() => void>(),
    send: () => {},
    close: () => {},
  };
}

const soon = (what: () => void) => vi.waitFor(what, { interval: 1 });

test("a session talks over long polls", async () => {
  const socket = new_socket();
  http.answers.push("[2,7,{}]\x1e");
  const opening = open_session(socket, { realm: "help" });
  void poll(socket, "/wamp");
  const session = await opening;
  expect(http.sent("open")).toEqual(['{"protocols":["wamp.2.json.batched"]}']);
  expect(http.sent("t1/send")[0]).toMatch(/^\[1,"help",/);
  const answer = session.call("p");
  await soon(() => expect(http.sent("t1/send")).toHaveLength(2));
  http.say('[50,1,{},[{"a":1}]]\x1e');
  expect(await answer).toEqual({ a: 1 });
});

test("what is said meanwhile goes out together, in order, one request at a time", async () => {
  const socket = new_socket();
  void poll(socket, "/wamp");
  await soon(() => expect(socket.onopen).toHaveBeenCalled());
  for (const text of ["a", "b", "c"]) socket.send(text);
  await soon(() => expect(http.sent("t1/send")).toEqual(["a", "b\x1ec"]));
});

test("much goes out in several requests, in order: what was said while the network was away never is too long a body", async () => {
  const socket = new_socket();
  void poll(socket, "/wamp");
  await soon(() => expect(socket.onopen).toHaveBeenCalled());
  const texts = ["a", "b".repeat(15_000), "c".repeat(15_000), "d", "e".repeat(20_000), "f"];
  for (const text of texts) socket.send(text);
  await soon(() => expect(http.sent("t1/send").join("\x1e").split("\x1e")).toEqual(texts));
  expect(http.sent("t1/send").map((body) => body.split("\x1e").length)).toEqual([1, 1, 2, 1, 1]);
});

test("an answer of several messages is several messages, one without is none", async () => {
  const socket = new_socket();
  http.answers.push("a\x1eb\x1e", "", "c\x1e");
  void poll(socket, "/wamp");
  await soon(() => expect(socket.onmessage).toHaveBeenCalledTimes(3));
  expect(vi.mocked(socket.onmessage as () => void).mock.calls).toEqual(
    ["a", "b", "c"].map((data) => [{ data }]),
  );
});

test("an end at the server is an end here, once", async () => {
  const socket = new_socket();
  void poll(socket, "/wamp");
  await soon(() => expect(http.sent("t1/receive")).toHaveLength(1));
  http.say(new Response(null, { status: 410 }));
  await soon(() => expect(socket.onclose).toHaveBeenCalledOnce());
  expect(leaves.size).toBe(0);
});

test("whoever leaves the page is gone at once", async () => {
  const socket = new_socket();
  void poll(socket, "/wamp");
  await soon(() => expect(leaves.size).toBe(1));
  for (const leave of leaves) (leave as () => void)();
  expect(beacons[0]).toBe("/wamp/t1/close");
});

test("closing says what is still to be said", async () => {
  const socket = new_socket();
  void poll(socket, "/wamp");
  await soon(() => expect(socket.onopen).toHaveBeenCalled());
  socket.onclose = null;
  socket.send("goodbye");
  socket.close();
  await soon(() => expect(beacons).toContain("/wamp/t1/close"));
  expect(http.sent("t1/send")).toEqual(["goodbye"]);
});

/** Fails to open a WebSocket and waits until that has been thought over. */
async function refuse(open_socket: () => Socket): Promise<void> {
  const count = web_sockets.length;
  open_socket();
  expect(web_sockets).toHaveLength(count + 1);
  web_sockets.at(-1)?.dispatchEvent(new Event("close"));
  await new Promise((resolve) => setTimeout(resolve));
}

test("two refused WebSockets in a row, and the third try goes around", async () => {
  const open_socket = browser_sockets("/ws");
  await refuse(open_socket);
  await refuse(open_socket);
  const opened = new Promise<void>((resolve) => {
    const socket = open_socket();
    socket.onclose = () => {};
    socket.onopen = resolve;
  });
  await opened;
  expect(web_sockets).toHaveLength(2);
  expect(http.sent("open")).toHaveLength(1);
});

test("WebSockets that are swallowed, and the third try goes around", async () => {
  vi.useFakeTimers();
  try {
    const open_socket = browser_sockets("/ws");
    for (const count of [1, 2]) {
      open_socket();
      const closed = vi.fn<() => void>();
      web_sockets.at(-1)?.addEventListener("close", closed);
      await vi.advanceTimersByTimeAsync(SWALLOWED_MS - 1);
      expect(closed).not.toHaveBeenCalled();
      await vi.advanceTimersByTimeAsync(1);
      expect(closed).toHaveBeenCalledOnce();
      expect(web_sockets).toHaveLength(count);
    }
    const socket = open_socket();
    socket.onclose = () => {};
    const opened = vi.fn<() => void>();
    socket.onopen = opened;
    await vi.waitFor(() => expect(opened).toHaveBeenCalledOnce());
    expect(web_sockets).toHaveLength(2);
  } finally {
    vi.useRealTimers();
  }
});

test("a WebSocket that is open stays so, however long nothing is said", async () => {
  vi.useFakeTimers();
  try {
    browser_sockets("/ws")();
    const closed = vi.fn<() => void>();
    web_sockets.at(-1)?.addEventListener("close", closed);
    web_sockets.at(-1)?.dispatchEvent(new Event("open"));
    await vi.advanceTimersByTimeAsync(10 * SWALLOWED_MS);
    expect(closed).not.toHaveBeenCalled();
  } finally {
    vi.useRealTimers();
  }
});

test("a server that is away, or a WebSocket that was open, is no reason to go around", async () => {
  const open_socket = browser_sockets("/ws");
  await refuse(open_socket);
  http.ready = false;
  await refuse(open_socket);
  http.ready = true;
  await refuse(open_socket);
  open_socket();
  web_sockets.at(-1)?.dispatchEvent(new Event("open"));
  web_sockets.at(-1)?.dispatchEvent(new Event("close"));
  await refuse(open_socket);
  await refuse(open_socket);
  expect(web_sockets).toHaveLength(6);
  expect(http.posts).toEqual([]);
});
