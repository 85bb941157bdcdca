// @vitest-environment happy-dom
import { h, render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { DeskProps } from "../src/console/actions.ts";
import { ClientColumn } from "../src/console/view_clients.tsx";
import { EntryRow } from "../src/console/view_entry.tsx";
import type { ClientlistEvent } from "../src/state/clientlist.ts";
import { type ConsoleState, new_console, reduce_console } from "../src/state/console.ts";
import type { Entry } from "../src/state/desk_types.ts";

const WAITING = 500;
const NOW = new Date("2026-11-22T12:10:30Z");

/** Nothing is pressed here. */
const actions = {};

let host: HTMLElement;
let state: ConsoleState;
const drawn = vi.spyOn(EntryRow.prototype, "render");

function entry(number: number, change: Partial<Entry> = {}): Entry {
  const since = new Date(Date.UTC(2026, 10, 22, 12, 0, 0, number)).toISOString();
  const room = `room${number}`;
  return {
    room,
    name: room,
    status: "waiting",
    since,
    position: null,
    served_by: null,
    unread: 0,
    present: true,
    ...change,
  };
}

/** How many lines were drawn for it. */
async function draw(now: Date, event?: ClientlistEvent): Promise<number> {
  if (event) state = reduce_console(state, { type: "list", event });
  const props = {
    state,
    organisation: "Help",
    groups_at: "/",
    csrf: "",
    now,
    actions,
  } as unknown as DeskProps;
  drawn.mockClear();
  await act(() => render(h(ClientColumn, props), host));
  return drawn.mock.calls.length;
}

beforeEach(async () => {
  host = document.createElement("div");
  document.body.append(host);
  state = new_console({ id: "mara", name: "Mara", role: "manager", presence: "here" } as ConsoleState["me"]);
  const entries = Array.from({ length: WAITING }, (_, index) => entry(index));
  expect(await draw(NOW, { type: "fetched", entries })).toBe(WAITING);
});

afterEach(() => {
  render(null, host);
  host.remove();
});

test("of many who wait those are drawn again who changed", async () => {
  expect(await draw(NOW)).toBe(0);
  expect(await draw(new Date(NOW.getTime() + 1_000))).toBe(0);
  expect(
    await draw(NOW, { type: "changed", change: { change: "updated", room: entry(250, { unread: 1 }) } }),
  ).toBe(1);
  expect(await draw(NOW, { type: "changed", change: { change: "added", room: entry(WAITING) } })).toBe(1);
  expect(await draw(NOW, { type: "changed", change: { change: "removed", room: entry(WAITING - 1) } })).toBe(
    1,
  );
  expect(host.querySelectorAll(".entry")).toHaveLength(WAITING);
});
