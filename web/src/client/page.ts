/**
 * What each page of clients is wired to: in go its element, its side of the wire and how it looks, out comes the running page. It knows
 * languages, the quick way out, the focus and the browser's own news; nothing of what is said.
 */

import { type ComponentChild, render } from "preact";
import { change_language, type Language, offered } from "../i18n/language.ts";
import { spoken } from "../i18n/texts.ts";
import type { SideEvent, SideState } from "../state/side.ts";
import { sleep } from "../talk/sleep.ts";
import { keep_focus } from "../views/focus.ts";
import { follow_visible_height } from "../views/parts.tsx";
import { browser_sockets, listen_to_browser } from "../wamp/browser.ts";
import { exit_now, keep_no_history, listen_for_escape, NEUTRAL } from "./exit.ts";
import type { FrameProps } from "./frame.tsx";
import { IdentityKeeper } from "./identity.ts";
import type { ClientSide, SideParts } from "./side.ts";

/** What a page does with its side. */
type Side = Pick<
  ClientSide<SideState, SideEvent>,
  "connection" | "language_changed" | "leave" | "linked" | "looked" | "start"
>;

const TICK_MS = 1_000;
const DRAW_MS = 30_000;

/** The page around this one shows it. */
let shown = true;

export const is_looking = () => shown && document.visibilityState === "visible";

/** What a side needs of the browser; `name`: what the tab keeps its identity under. */
export function browser_parts({ dataset }: HTMLElement, name: string): Omit<SideParts, "store"> {
  const { realm, ws } = dataset as { realm: string; ws: string };
  return {
    realm,
    keeper: new IdentityKeeper(name, () => sessionStorage),
    open_socket: browser_sockets(ws),
    is_offline: () => !navigator.onLine,
    is_looking,
    language: spoken,
    beacon: (fields) => {
      const body = new URLSearchParams(fields);
      fetch("/anteroom/leave", { method: "POST", body, keepalive: true }).catch(() => {});
    },
  };
}

/** Starts the page; `looked`: somebody is back at it. What is given draws it. */
export async function run<Store extends SideParts["store"] & { listen: (draw: () => void) => void }>(
  element: HTMLElement,
  store: Store,
  side: Side,
  view: (frame: Omit<FrameProps, "state" | "late"> & { state: Store["state"] }) => ComponentChild,
  looked = () => {},
): Promise<void> {
  const { organisation } = element.dataset as { organisation: string };
  const languages = offered(element);
  let gone = false;
  // The link that the server has put there only leads away: from now on it does what the button will.
  const early = element.querySelector("a");
  const exit = () => {
    gone = true;
    void exit_now(store.state.description?.exit_url ?? early?.href ?? NEUTRAL, () => side.leave(true));
  };
  early?.addEventListener("click", (event) => {
    event.preventDefault();
    exit();
  });
  listen_for_escape(document, exit);
  // Without words there is nothing to show; a network that is away comes back.
  while (
    !gone &&
    !(await change_language(languages[0] as Language).then(
      () => true,
      () => sleep(TICK_MS),
    ))
  );
  if (gone) return;
  const speak = (language: Language) =>
    void change_language(language).then(() => {
      draw();
      side.language_changed();
    }, draw);
  const draw = () => {
    if (!gone) render(view({ state: store.state, organisation, languages, exit, speak, draw }), element);
  };
  const look = () => {
    side.looked();
    looked();
    draw();
  };
  store.listen(draw);
  // What the server has put there until now.
  const on_exit = early && early === document.activeElement;
  element.replaceChildren();
  draw();
  follow_visible_height(document.documentElement);
  keep_focus(element, ["h2", "#composer"]);
  if (on_exit) element.querySelector<HTMLElement>(".frame-top button")?.focus();
  keep_no_history(document);
  listen_to_browser(side.connection, () => side.linked());
  document.addEventListener("visibilitychange", look);
  addEventListener("focus", look);
  // A frame that its page hides stays visible for the browser: the button of a site says so.
  addEventListener("message", ({ source, data }) => {
    if (source !== parent || typeof data !== "boolean") return;
    shown = data;
    look();
  });
  setInterval(() => {
    store.dispatch({ type: "room", event: { type: "time_passed", now: Date.now() } });
  }, TICK_MS);
  // Some of what stands there depends on the time of day.
  setInterval(draw, DRAW_MS);
  side.start();
}
