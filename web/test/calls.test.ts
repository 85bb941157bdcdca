import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Calls } from "../src/anteroom/calls.ts";
import { IdentityKeeper } from "../src/client/identity.ts";

/** What the device did. */
let done: string[];

beforeEach(() => {
  done = [];
  vi.stubGlobal("navigator", { vibrate: () => done.push("vibration") });
  vi.stubGlobal("addEventListener", () => {});
  const part = {
    connect: () => part,
    start: () => done.push("tone"),
    stop: () => {},
    frequency: {},
    gain: { setValueAtTime: () => {}, exponentialRampToValueAtTime: () => {} },
  };
  vi.stubGlobal(
    "AudioContext",
    class {
      currentTime = 0;
      destination = part;
      resume = () => Promise.resolve();
      createOscillator = () => part;
      createGain = () => part;
    },
  );
});
afterEach(() => vi.unstubAllGlobals());

/** A tab's storage, with the identity of one conversation. */
function keeper(): IdentityKeeper {
  const kept = new Map<string, string>();
  const made = new IdentityKeeper("help", () => ({
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => kept.set(key, value),
    removeItem: (key) => kept.delete(key),
  }));
  made.set({ client: "c", room: "r", key: "k" });
  return made;
}

test("each box gives what it says and nothing else; both are given when somebody has come", () => {
  const calls = new Calls(keeper());
  calls.wish("sound", true);
  calls.wish("vibration", true);
  expect(done.splice(0)).toEqual(["tone", "vibration"]);
  calls.call();
  expect(done.splice(0)).toEqual(["vibration", "tone"]);
  calls.wish("sound", false);
  calls.call();
  expect(done).toEqual(["vibration"]);
});

test("what was wished goes on in the next conversation, also over its reload", () => {
  const storage = keeper();
  new Calls(storage).wish("vibration", true);
  const calls = new Calls(storage);
  storage.set({ client: "c2", room: "r2", key: "k2" });
  calls.keep();
  const { sound, vibration } = new Calls(storage);
  expect([sound, vibration]).toEqual([false, true]);
});
