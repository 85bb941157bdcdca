// @vitest-environment happy-dom
import { h, render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { DeskProps } from "../src/console/actions.ts";
import { RecordPanel } from "../src/console/view_record.tsx";
import { new_console, reduce_console } from "../src/state/console.ts";
import type { RoomRecord } from "../src/state/desk_types.ts";
import { new_room } from "../src/state/room.ts";
import type { ConnectionStatus } from "../src/wamp/connection.ts";

const questions = [
  { name: "how", label: "How was it?", kind: "text", required: true },
  { name: "about", label: "About", kind: "choices", required: false, choices: ["School", "Home"] },
];
let host: HTMLElement;
let drafts: Map<string, Record<string, string[]>>;
let fetched: string[];

function show(room: string, record?: RoomRecord, status: ConnectionStatus = "connected"): Promise<void> {
  const form = { questions, required: true };
  const base = new_console({ id: "me", name: "Me", role: "staff" });
  const with_form = reduce_console(base, { type: "records", records: { form } });
  const linked = reduce_console(with_form, { type: "linked", link: { status, offline: false } });
  const state = record ? reduce_console(linked, { type: "record", room, record }) : linked;
  const actions = {
    fetch_record: (of: string) => void fetched.push(of),
    record_draft: (of: string) => drafts.get(of),
    drafts_record: (of: string, answers: Record<string, string[]>) => drafts.set(of, answers),
  };
  const props = { state, now: new Date(0), actions, room: new_room(room, "me") };
  return act(() =>
    render(h(RecordPanel, { key: room, ...(props as unknown as DeskProps & typeof props) }), host),
  );
}

const field = (selector: string) => host.querySelector(selector) as HTMLInputElement;
const stands = () => [
  field("[name='answers.how']").value,
  [...host.querySelectorAll<HTMLInputElement>("[name='answers.about']")].map((one) => one.checked),
];

beforeEach(() => {
  drafts = new Map();
  fetched = [];
  host = document.createElement("div");
  document.body.append(host);
});
afterEach(() => {
  render(null, host);
  host.remove();
});

test("a half-written record is there again when one comes back to its tab", async () => {
  const unwritten: RoomRecord = { answers: null, saved_at: null, saved_by: null };
  await show("a", unwritten);
  field("[name='answers.how']").value = "Rather ";
  field("[value=Home]").checked = true;
  await act(() => void field("[value=Home]").dispatchEvent(new Event("input", { bubbles: true })));
  await show("b", unwritten);
  expect(stands()).toEqual(["", [false, false]]);
  await show("a", unwritten);
  expect(stands()).toEqual(["Rather ", [false, true]]);
});

test("changing a record begins with what is written, and goes on with what was changed", async () => {
  const saved_by = { id: "ben", name: "Ben" };
  const written: RoomRecord = {
    answers: { how: "Well", about: ["School"] },
    saved_at: "2026-11-22",
    saved_by,
  };
  await show("a", written);
  expect(host.querySelector("form")).toBeNull();
  await act(() => field("button").click());
  expect(stands()).toEqual(["Well", [true, false]]);
  field("[name='answers.how']").value = "Better";
  await act(() => void field("[name='answers.how']").dispatchEvent(new Event("input", { bubbles: true })));
  await show("b", written);
  await show("a", written);
  expect(stands()).toEqual(["Better", [true, false]]);
});

test("a record that got lost with the connection is asked for with the next one, and one that is there is not", async () => {
  await show("a", undefined, "connecting");
  expect([fetched, host.innerHTML]).toEqual([[], ""]);
  await show("a");
  await show("a", undefined, "connecting");
  await show("a");
  expect(fetched).toEqual(["a", "a"]);
  const unwritten: RoomRecord = { answers: null, saved_at: null, saved_by: null };
  for (const status of ["connected", "connecting", "connected"] as const) await show("a", unwritten, status);
  expect(fetched).toEqual(["a", "a"]);
});
