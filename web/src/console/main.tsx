/** Wires the consultant's side: in goes the page's element, out comes the running app. Nothing here decides anything. */

import "../style/console.css";
import { render } from "preact";
import { offered } from "../i18n/language.ts";
import { spoken } from "../i18n/texts.ts";
import { speak_chosen } from "../look/language.ts";
import { type ConsoleEvent, type ConsoleState, new_console, reduce_console } from "../state/console.ts";
import type { Me } from "../state/desk_types.ts";
import { Store } from "../talk/store.ts";
import { keep_focus } from "../views/focus.ts";
import { follow_visible_height } from "../views/parts.tsx";
import { browser_sockets, listen_to_browser } from "../wamp/browser.ts";
import { actions_of } from "./actions.ts";
import { Desk } from "./desk.ts";
import { draw_changes } from "./drawing.ts";
import { listen_to_keys } from "./keys.ts";
import { Signals } from "./signals.ts";
import { session_tabs } from "./tabs.ts";
import { fetch_login } from "./ticket.ts";
import { DeskView } from "./views.tsx";

const TYPING_TICK_MS = 1_000;
const CLOCK_TICK_MS = 20_000;
/** Where a keyboard would cover half of the screen nobody is put into a box. */
const BOX = matchMedia("(pointer: coarse)").matches ? ".front .log" : '.front [id^="composer"]';
/** Where one goes on when what one pressed is gone: what is open, the box to write in, what follows a chat. */
const PLACES = [
  "dialog[open] .primary",
  BOX,
  ".record :is(input, select, textarea)",
  ".after .button",
  "#main",
];
/** Where keys do nothing of their own: whoever was writing goes on pressing them for a moment. */
const CALM_PLACES = [BOX, ".front .end-notice", "#main"];

async function start(element: HTMLElement): Promise<void> {
  const languages = offered(element);
  await speak_chosen(languages);
  const { organisation = "", groups: groups_at = "", me = "{}", csrf = "" } = element.dataset;
  const { ws = "/ws", ticket = "/session/ticket" } = element.dataset;
  let left = false;
  const store = new Store<ConsoleState, ConsoleEvent>(new_console(JSON.parse(me) as Me), reduce_console);
  const signals = new Signals(store);
  const desk = new Desk({
    store,
    tabs: session_tabs(store.state.me.id),
    fetch_login: () => fetch_login(ticket, store.state.me.id),
    open_socket: browser_sockets(ws),
    is_offline: () => !navigator.onLine,
    is_visible: () => document.visibilityState === "visible",
    leave: (to) => {
      left = true;
      location.assign(to);
    },
  });
  const actions = actions_of(desk, store, signals, languages);
  const draw = () =>
    render(
      <DeskView
        // In another language everything is drawn anew.
        key={spoken()}
        state={store.state}
        organisation={organisation}
        groups_at={groups_at}
        languages={languages}
        csrf={csrf}
        now={new Date()}
        actions={actions}
      />,
      element,
    );
  store.listen(() => signals.show());
  draw_changes(store, draw);
  signals.show();
  draw();
  follow_visible_height(document.documentElement);
  keep_focus(element, PLACES, CALM_PLACES);
  listen_to_keys(document, store, desk.chats);
  listen_to_browser(desk.connection, () => desk.linked());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible") desk.drafts.keep_all();
    else {
      desk.chats.looked();
      desk.look_for_login();
    }
  });
  window.addEventListener("focus", () => desk.look_for_login());
  window.addEventListener("beforeunload", (event) => {
    if (!left && desk.has_unsaved()) event.preventDefault();
  });
  setInterval(() => {
    for (const room of store.state.tabs) {
      store.dispatch({ type: "room", room, event: { type: "time_passed", now: Date.now() } });
    }
  }, TYPING_TICK_MS);
  setInterval(draw, CLOCK_TICK_MS);
  desk.start();
}

const element = document.getElementById("console");
if (element) void start(element);
