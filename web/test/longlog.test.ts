// @vitest-environment happy-dom
import { h, render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { LongLog } from "../src/console/view_log.tsx";
import type { ReadingPlace } from "../src/state/desk_types.ts";
import { new_room, type RoomState, reduce_room } from "../src/state/room.ts";
import type { Message } from "../src/state/types.ts";

const LINE_PX = 20;
const WINDOW_PX = 400;
const robin = { id: "robin", name: "Robin", role: "client" } as const;
const NOW = new Date("2026-11-22T12:00:00Z");

let host: HTMLElement;
let room: RoomState;
/** How often the text of a message was read: whatever is drawn anew reads it. */
let reads = 0;
let asked = 0;
let place: ReadingPlace | undefined;
/** Of every message: another one when the window is. */
let line_px = LINE_PX;
let window_px = WINDOW_PX;

function message(seq: number, kind = "message"): Message {
  const one = { seq, at: "2026-11-22T11:00:00.000Z", kind, sender: robin, nonce: `n${seq}` };
  const get = () => {
    reads += 1;
    return `text ${seq}`;
  };
  return Object.defineProperty(one, "text", { enumerable: true, get }) as Message;
}

function messages(from: number, to: number): Message[] {
  return Array.from({ length: to - from + 1 }, (_, index) => message(from + index));
}

const log = () => host.querySelector<HTMLElement>(".log") as HTMLElement;
const jump = () => host.querySelector<HTMLElement>(".log-end");

async function draw(next: RoomState): Promise<void> {
  room = next;
  const nothing = () => {};
  const on_earlier = () => {
    asked += 1;
  };
  const on_away = (left: ReadingPlace | undefined) => {
    place = left;
  };
  const props = { room, now: NOW, on_earlier, on_try_again: nothing, on_given_up: nothing, place, on_away };
  await act(() => render(h(LongLog, props), host));
}

async function scroll(top: number): Promise<void> {
  log().scrollTop = top;
  await act(() => void log().dispatchEvent(new Event("scroll")));
}

beforeEach(async () => {
  host = document.createElement("div");
  document.body.append(host);
  // What has no layout here: every message is one line high.
  Object.defineProperties(HTMLElement.prototype, {
    scrollHeight: { configurable: true, get: () => room.messages.length * line_px },
    clientHeight: { configurable: true, get: () => window_px },
  });
  asked = 0;
  place = undefined;
  line_px = LINE_PX;
  window_px = WINDOW_PX;
  const ready = { ...new_room("room", "mara"), ready: true, first: 1000, last: 1000, live_after: 1100 };
  await draw(reduce_room(ready, { type: "fetched", messages: messages(1001, 1100) }));
  await scroll(100 * LINE_PX - WINDOW_PX);
});

afterEach(() => {
  render(null, host);
  host.remove();
});

describe("a long log", () => {
  test("has no way to the end at the end, and asks for nothing there", () => {
    expect(jump()).toBeNull();
    expect(asked).toBe(0);
    expect(host.querySelectorAll(".message")).toHaveLength(100);
  });

  test("is where one left it when one comes back from another chat, and at its end if one was there", async () => {
    const away = () => act(() => render(null, host));
    await away();
    expect(place).toBeUndefined();
    await draw(room);
    expect(log().scrollTop).toBe(100 * LINE_PX);
    await scroll(900);
    await away();
    await draw(reduce_room(room, { type: "fetched", messages: [message(1101)] }));
    expect([log().scrollTop, jump()?.textContent]).toEqual([900, expect.stringContaining("1 new message")]);
    await away();
    await draw({ ...room, first: 900 });
    expect(log().scrollTop).toBe(101 * LINE_PX);
  });

  test("leads back to the newest, and counts what came meanwhile", async () => {
    await scroll(900);
    expect(jump()?.textContent).toContain("To the newest");
    const more = [message(1101), message(1102, "joined"), message(1103)];
    await draw(reduce_room(room, { type: "fetched", messages: more }));
    expect(jump()?.textContent).toContain("2 new messages");
    expect(log().scrollTop).toBe(900);
    jump()?.click();
    expect(log().scrollTop).toBe(103 * LINE_PX);
    await scroll(103 * LINE_PX - WINDOW_PX);
    expect(jump()).toBeNull();
  });

  test("stays at the end when lines grow, as in another window; who goes up has left it", async () => {
    line_px = 30;
    await scroll(100 * LINE_PX - WINDOW_PX);
    expect(jump()).toBeNull();
    expect(log().scrollTop).toBe(100 * 30);
    await scroll(100 * 30 - WINDOW_PX);
    await scroll(100 * 30 - WINDOW_PX - 100);
    expect(jump()?.textContent).toContain("To the newest");
    line_px = 31;
    await scroll(100 * 30 - WINDOW_PX - 90);
    expect(jump()).not.toBeNull();
  });

  test("stays at the end when less of it is seen, wherever the browser has put it meanwhile", async () => {
    window_px = 120;
    await scroll(100 * LINE_PX - WINDOW_PX - 11);
    expect(jump()).toBeNull();
    expect(log().scrollTop).toBe(100 * LINE_PX);
  });

  test("fetches what was before when the beginning comes near, once each time", async () => {
    await scroll(700);
    expect(asked).toBe(0);
    await scroll(500);
    await scroll(300);
    expect(asked).toBe(1);
    const earlier = {
      type: "fetched_earlier",
      messages: messages(976, 1000),
      before: 1001,
      more: true,
    } as const;
    await draw(reduce_room(room, earlier));
    expect(log().scrollTop).toBe(300 + 25 * LINE_PX);
    expect(asked).toBe(1);
    await scroll(10);
    expect(asked).toBe(2);
  });

  test("asks for no more where there is no more", async () => {
    await scroll(900);
    const all = {
      type: "fetched_earlier",
      messages: messages(976, 1000),
      before: 1001,
      more: false,
    } as const;
    await draw(reduce_room(room, all));
    expect(host.querySelector(".log-more")).toBeNull();
    await scroll(0);
    expect(asked).toBe(0);
  });

  test("draws only what changed", async () => {
    const parts = host.querySelectorAll(".log-part").length;
    expect(parts).toBe(5);
    reads = 0;
    await draw(reduce_room(room, { type: "fetched", messages: [message(1101)] }));
    const of_one_more = reads;
    expect(host.querySelectorAll(".message")).toHaveLength(101);
    expect(of_one_more).toBeLessThan(10);
    reads = 0;
    await scroll(500);
    await draw(
      reduce_room(room, { type: "fetched_earlier", messages: messages(976, 1000), before: 1001, more: true }),
    );
    expect(host.querySelectorAll(".message")).toHaveLength(126);
    expect(reads).toBeLessThan(2 * 26 + 10);
  });

  test("lets a part rest once its height is known", async () => {
    const resting = () => host.querySelectorAll(".log-part.at-rest").length;
    await expect.poll(resting).toBe(5);
  });
});
