// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from "vitest";
import { draw_changes } from "../src/console/drawing.ts";
import { type ConsoleEvent, type ConsoleState, new_console, reduce_console } from "../src/state/console.ts";
import { Store } from "../src/talk/store.ts";

let store: Store<ConsoleState, ConsoleEvent>;
let drawn: ConsoleState[];
let frames: FrameRequestCallback[];

/** Whoever listens is told in a turn of its own, before the next key. */
async function dispatch(...events: ConsoleEvent[]): Promise<void> {
  for (const event of events) store.dispatch(event);
  await Promise.resolve();
}

function frame(): void {
  for (const one of frames.splice(0)) one(0);
}

beforeEach(() => {
  store = new Store(new_console({ id: "me", name: "Me", role: "staff" }), reduce_console);
  [drawn, frames] = [[], []];
  vi.stubGlobal("requestAnimationFrame", (one: FrameRequestCallback) => frames.push(one));
  draw_changes(store, () => drawn.push(store.state));
});

test("however much happens, it is drawn once for each frame", async () => {
  await dispatch({ type: "noticed", notice: "one" });
  await dispatch({ type: "noticed", notice: "two" }, { type: "noticed", notice: "three" });
  expect([drawn.length, frames.length]).toEqual([0, 1]);
  frame();
  expect(drawn.map((one) => one.notice)).toEqual(["three"]);
  await dispatch({ type: "noticed", notice: "four" });
  frame();
  expect(drawn.length).toBe(2);
});

test("what takes the next key does not wait for a frame", async () => {
  await dispatch({ type: "noticed", notice: "one" });
  await dispatch({ type: "dialog", dialog: "commands" });
  expect(drawn.map((one) => one.dialog)).toEqual(["commands"]);
  await dispatch({ type: "dialog", dialog: null });
  await dispatch({ type: "opened", room: "room1", front: true });
  await dispatch({ type: "opened", room: "room2", front: true });
  expect(drawn.map((one) => one.active)).toEqual([null, null, "room1", "room2"]);
});
