// @vitest-environment happy-dom
import { beforeEach, expect, test } from "vitest";
import { keep_focus } from "../src/views/focus.ts";

/** The observer tells later, in a turn of its own. */
const settle = () => new Promise((resolve) => setTimeout(resolve));

let page: HTMLElement;
beforeEach(() => {
  // Nothing is laid out here: everything counts as shown.
  HTMLElement.prototype.getClientRects = () => [{}] as unknown as DOMRectList;
  page = document.createElement("main");
  document.body.replaceChildren(page);
  keep_focus(page, ["h2", "#composer"], ["#composer", "p"]);
});

async function show(html: string): Promise<void> {
  page.innerHTML = html;
  await settle();
}

test("whoever had something that is gone goes on at the best place", async () => {
  await show("<button>Start</button>");
  page.querySelector("button")?.focus();
  await show('<h2 tabindex="-1">You are next</h2><textarea id="composer"></textarea>');
  expect(document.activeElement?.tagName).toBe("H2");
});

test("nobody is led away from where they write, though they were put there", async () => {
  await show("<button>Start</button>");
  page.querySelector("button")?.focus();
  await show('<textarea id="composer"></textarea>');
  const composer = document.activeElement;
  expect(composer?.id).toBe("composer");
  page.insertAdjacentHTML("afterbegin", '<h2 tabindex="-1">You are next</h2>');
  await settle();
  expect(document.activeElement).toBe(composer);
});

test("whoever was writing goes on where keys do nothing, and stays there", async () => {
  await show('<h2 tabindex="-1">Robin</h2><textarea id="composer"></textarea>');
  page.querySelector("textarea")?.focus();
  await show('<h2 tabindex="-1">Record</h2><p tabindex="-1">It has ended.</p>');
  expect(document.activeElement?.tagName).toBe("P");
  page.insertAdjacentHTML("beforeend", '<h2 tabindex="-1">More</h2>');
  await settle();
  expect(document.activeElement?.tagName).toBe("P");
  await show("<button>Go on</button>");
  page.querySelector("button")?.focus();
  await show('<h2 tabindex="-1">Robin</h2><p tabindex="-1">It has ended.</p>');
  expect(document.activeElement?.tagName).toBe("H2");
});
