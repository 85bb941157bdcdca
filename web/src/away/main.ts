/**
 * The page that asks before a link of the client's page opens: in goes an address behind the #, out goes whoever wants to, or nobody. It
 * tells no server where, and keeps nothing.
 */

import "../style/away.css";
import { change_language, offered } from "../i18n/language.ts";
import { tr } from "../i18n/texts.ts";
import { type Place, place_of } from "./place.ts";

function made<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  text: string,
  looks = "",
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  element.textContent = text;
  element.className = looks;
  return element;
}

/** Addresses are read from left to right, whatever the language around them. */
function address(text: string, looks: string): HTMLElement {
  const element = made("p", text, looks);
  element.dir = "ltr";
  return element;
}

function draw(element: HTMLElement): void {
  const place = place_of(location.hash);
  const title = place ? tr("Open this address?") : tr("There is no such link.");
  document.title = title;
  const main = made("main", "", "card");
  main.append(made("h1", title));
  if (place) main.append(...shown(place));
  const actions = made("div", "", "actions");
  actions.append(closing(main));
  if (place) actions.append(opening(place));
  main.append(actions);
  element.replaceChildren(main);
}

function shown({ href, host, letters, mixed }: Place): HTMLElement[] {
  const lines = [address(host, "host"), address(href, "whole")];
  if (letters) lines.splice(1, 0, address(letters, "soft"));
  if (mixed)
    lines.push(
      made(
        "p",
        tr("Letters of several alphabets stand in it: it may look like another one."),
        "notice warning",
      ),
    );
  const known = made("p", tr("It leads away from here."), "soft");
  known.append(" ", tr("The history of this browser keeps it."));
  return [...lines, known];
}

/** In place of this page, which would stay behind in the tab's history with the address in it. */
function opening({ href }: Place): HTMLElement {
  const link = made("a", tr("Open it"), "button primary");
  link.href = href;
  link.rel = "noopener noreferrer";
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    location.replace(href);
  });
  return link;
}

function closing(main: HTMLElement): HTMLElement {
  const button = made("button", tr("Close this page"), "button");
  button.type = "button";
  button.addEventListener("click", () => {
    history.replaceState(null, "", location.pathname);
    window.close();
    // Some browsers close only what a script has opened.
    const said = made("h1", tr("This page can be closed now."));
    said.tabIndex = -1;
    main.replaceChildren(said);
    said.focus();
  });
  return button;
}

async function start(element: HTMLElement): Promise<void> {
  const [language] = offered(element);
  if (language) await change_language(language);
  draw(element);
  addEventListener("hashchange", () => draw(element));
}

const element = document.getElementById("away");
if (element) void start(element);
