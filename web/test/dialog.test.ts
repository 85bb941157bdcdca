// @vitest-environment happy-dom
import { type ComponentChild, h, render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { DeskProps } from "../src/console/actions.ts";
import { AppointmentDialog } from "../src/console/view_appointments.tsx";
import { FormDialog } from "../src/console/view_dialog.tsx";
import { new_console, reduce_console } from "../src/state/console.ts";
import type { Entry } from "../src/state/desk_types.ts";
import { AskingButton } from "../src/views/asking_button.tsx";

let host: HTMLElement;

const dialog = () => host.querySelector("dialog") as HTMLDialogElement;
const alarm = () => host.querySelector("[role=alert]")?.textContent;
const draw = (view: ComponentChild) => act(() => render(view, host));
const submit = () => act(() => void host.querySelector("form")?.dispatchEvent(new Event("submit")));

async function type(selector: string, text: string): Promise<void> {
  const field = host.querySelector<HTMLInputElement>(selector) as HTMLInputElement;
  field.value = text;
  await act(() => void field.dispatchEvent(new Event("input")));
}

beforeEach(() => {
  host = document.createElement("div");
  document.body.append(host);
});

afterEach(() => {
  render(null, host);
  host.remove();
});

describe("what is filled in in a dialog", () => {
  let asked = 0;
  let done = 0;
  let answer: (problem: string) => void = () => {};
  const hear = (problem: string) =>
    act(() => {
      answer(problem);
      return new Promise((go) => setTimeout(go));
    });

  beforeEach(async () => {
    [asked, done] = [0, 0];
    const on_submit = () => {
      asked += 1;
      return new Promise<string>((resolve) => {
        answer = resolve;
      });
    };
    const on_done = () => {
      done += 1;
    };
    const props = { title: "Say it", button: "Say", on_submit, on_done };
    await draw(h(FormDialog, { ...props, children: h("input", { id: "words" }) }));
  });

  test("stays when it is refused, with why, and the dialog closes when it is not", async () => {
    expect([dialog().open, dialog().getAttribute("aria-label")]).toEqual([true, "Say it"]);
    await type("#words", "Hello");
    await submit();
    await hear("Not so.");
    expect([alarm(), dialog().open, done]).toEqual(["Not so.", true, 0]);
    expect(host.querySelector<HTMLInputElement>("#words")?.value).toBe("Hello");
    await submit();
    expect(alarm()).toBeUndefined();
    await hear("");
    expect([asked, dialog().open, done]).toEqual([2, false, 1]);
  });

  test("is asked for once at a time", async () => {
    await submit();
    expect(host.querySelector("[type=submit]")?.getAttribute("aria-disabled")).toBe("true");
    await submit();
    expect(asked).toBe(1);
    await hear("Not so.");
    await submit();
    expect(asked).toBe(2);
  });

  test("is forgotten by whoever cancels", async () => {
    await act(() => host.querySelector<HTMLButtonElement>("[type=button]")?.click());
    expect([asked, dialog().open, done]).toEqual([0, false, 1]);
  });
});

test("a question that was answered does not come back when something is drawn before the browser tells of it", async () => {
  let answers = 0;
  const on_yes = () => {
    answers += 1;
  };
  const props = { question: "Sure?", yes: "Yes", no: "No", on_yes };
  const button = (text: string) =>
    [...host.querySelectorAll("button")].find((one) => one.textContent === text) as HTMLButtonElement;
  await draw(h(AskingButton, { ...props, children: "End" }));
  await act(() => button("End").click());
  expect(dialog().open).toBe(true);
  // As browsers do it: the event comes in a later task.
  dialog().close = () => dialog().removeAttribute("open");
  await act(() => button("Yes").click());
  await draw(h(AskingButton, { ...props, children: "End it" }));
  expect([dialog().open, answers]).toEqual([false, 1]);
  await act(() => void dialog().dispatchEvent(new Event("close")));
  expect(host.querySelector("dialog")).toBeNull();
});

describe("an appointment", () => {
  const entry: Entry = {
    room: "room1",
    name: "Kim",
    status: "active",
    since: "2026-11-22T12:00:00.000Z",
    position: null,
    served_by: { id: "me", name: "Me" },
    unread: 0,
    present: true,
  };
  const wanted: unknown[] = [];

  function show(change: Partial<Entry>): Promise<void> {
    const state = reduce_console(new_console({ id: "me", name: "Me", role: "staff" }), {
      type: "list",
      event: { type: "fetched", entries: [{ ...entry, ...change }] },
    });
    const actions = {
      appoint: async (...given: unknown[]) => {
        wanted.push(given);
        return "";
      },
    };
    const props = { state, now: new Date(entry.since), actions, room: "room1", name: "Kim", on_done() {} };
    return draw(h(AppointmentDialog, props as unknown as DeskProps & typeof props));
  }
  const told = () => host.querySelector("[role=status]")?.textContent;

  test("is given with a word about the return code, until there is one", async () => {
    await show({});
    expect(told()).toContain("as soon as the appointment is given");
    expect(dialog().getAttribute("aria-describedby")).toBe(host.querySelector(".warning")?.id);
    await type("#appointment-at", "2026-12-01T10:00");
    await show({ present: false });
    expect(told()).toContain("is not here");
    await show({ status: "closed" });
    expect(told()).toContain("is not here");
    await show({ return_code: true });
    expect([told(), dialog().hasAttribute("aria-describedby")]).toEqual(["", false]);
    await submit();
    expect(wanted).toEqual([["room1", new Date("2026-12-01T10:00").toISOString(), 30]]);
    expect(dialog().open).toBe(false);
  });
});
