// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Signals } from "../src/console/signals.ts";
import { keep_calls, USUAL_CALLS } from "../src/look/calls.ts";
import { type ConsoleEvent, type ConsoleState, new_console, reduce_console } from "../src/state/console.ts";
import type { Entry } from "../src/state/desk_types.ts";
import { Store } from "../src/talk/store.ts";

let told: string[] = [];
let focused = true;
let registration:
  | { showNotification(title: string, options: NotificationOptions): Promise<void> }
  | undefined;

class Audio {
  currentTime = 0;
  destination = {};
  resume = async () => void told.push("awake");
  createGain = () => ({ gain: { setValueAtTime() {}, exponentialRampToValueAtTime() {} }, connect() {} });
  createOscillator = () => ({
    frequency: {},
    connect: () => ({ connect() {} }),
    start: () => told.push("tone"),
    stop() {},
  });
}

/** As on Android. */
class Forbidden {
  static permission = "granted";
  constructor() {
    throw new TypeError("Illegal constructor");
  }
}

const entry = (room: string, change: Partial<Entry> = {}): Entry => ({
  room,
  name: room,
  status: "waiting",
  since: "2026-11-22T12:00:00.000Z",
  position: 1,
  served_by: null,
  unread: 0,
  present: true,
  ...change,
});

function sit_down(settings = {}) {
  keep_calls({ ...USUAL_CALLS, sound: true, ...settings });
  const store = new Store<ConsoleState, ConsoleEvent>(
    new_console({ id: "me", name: "Me", role: "staff" }),
    reduce_console,
  );
  const signals = new Signals(store);
  store.listen(() => signals.show());
  const list = (...entries: Entry[]) => store.dispatch({ type: "list", event: { type: "fetched", entries } });
  list();
  return { store, signals, list };
}

const settle = () => vi.advanceTimersByTimeAsync(0);
const tones = () => told.filter((one) => one === "tone").length;

beforeEach(() => {
  vi.useFakeTimers();
  [told, focused, registration] = [[], true, undefined];
  vi.stubGlobal("AudioContext", Audio);
  vi.stubGlobal("Notification", Forbidden);
  document.hasFocus = () => focused;
  Object.defineProperty(navigator, "serviceWorker", {
    configurable: true,
    value: { getRegistration: async () => registration },
  });
  document.title = "Clients";
});
afterEach(() => {
  vi.clearAllTimers();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  localStorage.clear();
});

describe("being called", () => {
  test("where pages may show no notification the service worker does, once for each who comes", async () => {
    registration = { showNotification: async (_, { body }) => void told.push(body ?? "") };
    const { list, store } = sit_down({ sound: false, banner: true });
    focused = false;
    list(entry("a"));
    await settle();
    expect([document.title, told]).toEqual(["(1) Clients", ["Somebody waits for you or has written."]]);
    store.dispatch({ type: "noticed", notice: "Something else" });
    await settle();
    expect(told).toHaveLength(1);
  });

  test("who tries it is told when nothing can be shown", async () => {
    const { signals, store } = sit_down({ banner: true });
    await signals.try();
    expect(store.state.notice).toContain("only where it may call you");
  });

  test("there is no tone before the page is touched, which is said, nor while one looks, unless one wants it", async () => {
    for (const looking of [false, true]) {
      told = [];
      const { list, store } = sit_down({ looking });
      await settle();
      expect(store.state.silent).toBe(true);
      document.dispatchEvent(new Event("pointerup"));
      await settle();
      expect(store.state.silent).toBe(false);
      list(entry("a"));
      await settle();
      expect(tones()).toBe(looking ? 1 : 0);
      focused = false;
      list(entry("a"), entry("b"));
      await settle();
      expect(tones()).toBe(looking ? 2 : 1);
      expect(told.at(-2)).toBe("awake");
      focused = true;
    }
  });

  test("a room that becomes mine counts until I look at it, also when nobody waited before", async () => {
    const { store, list } = sit_down();
    document.dispatchEvent(new Event("pointerup"));
    focused = false;
    await settle();
    list(entry("a", { status: "active", served_by: { id: "me", name: "Me" } }));
    store.dispatch({ type: "opened", room: "a", front: false });
    store.dispatch({ type: "given", room: "a" });
    await settle();
    expect([document.title, tones()]).toEqual(["(1) Clients", 1]);
    focused = true;
    window.dispatchEvent(new Event("focus"));
    await settle();
    expect([document.title, tones()]).toEqual(["Clients", 1]);
  });
});
