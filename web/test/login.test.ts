// @vitest-environment happy-dom
import { type ComponentChild, h, render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { DeskProps } from "../src/console/actions.ts";
import { LoginNotice } from "../src/console/view_login.tsx";
import { DeskView } from "../src/console/views.tsx";
import { type ConsoleState, new_console, reduce_console } from "../src/state/console.ts";

const ENDS = "2026-11-22T20:00:00.000Z";
let host: HTMLElement;

const draw = (view: ComponentChild) => act(() => render(view, host));
const props = (state: ConsoleState, at: string) =>
  ({ state, now: new Date(at), actions: {}, organisation: "Haven" }) as unknown as DeskProps;

beforeEach(() => {
  host = document.createElement("div");
  document.body.append(host);
});
afterEach(() => {
  render(null, host);
  host.remove();
});

test("ten minutes before a login ends one is told when, and can log in again in another tab", async () => {
  const told = async (login_ends_at: string | null, at: string) => {
    const state = new_console({ id: "me", name: "Me", role: "staff", login_ends_at });
    await draw(h(LoginNotice, props(state, at)));
    return host.querySelector("[role=alert]");
  };
  expect(await told(ENDS, "2026-11-22T19:49:59.000Z")).toBeNull();
  expect(await told(null, "2026-11-22T19:55:00.000Z")).toBeNull();
  const alert = await told(ENDS, "2026-11-22T19:50:00.000Z");
  const time = new Date(ENDS).toTimeString().slice(0, 5);
  expect(alert?.textContent).toContain(`Your login ends at ${time}.`);
  const link = alert?.querySelector("a");
  expect([link?.getAttribute("href"), link?.target]).toEqual(["/login?again=1", "_blank"]);
});

test("after that nobody's name is shown until there is another login", async () => {
  let state = new_console({ id: "me", name: "Kim", role: "staff" });
  state = reduce_console(state, { type: "opened", room: "room1", front: true });
  state = reduce_console(state, { type: "logged_out" });
  await draw(h(DeskView, props(state, ENDS)));
  expect(host.querySelector("h1")?.textContent).toBe("You are logged out");
  expect(host.querySelectorAll("a, button, input, textarea")).toHaveLength(1);
  expect(host.textContent).not.toContain("Haven");
});
