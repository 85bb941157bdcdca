/** Wires the consultant's side: in goes the page's element, out comes the running app. Nothing here decides anything. */

import "../style/console.css";
import { render } from "preact";
import { change_language, offered } from "../i18n/language.ts";
import {
  attention,
  type ConsoleEvent,
  type ConsoleState,
  new_console,
  reduce_console,
} from "../state/console.ts";
import type { Me } from "../state/types.ts";
import { Store } from "../talk/store.ts";
import { follow_visible_height } from "../views/parts.tsx";
import { browser_sockets, listen_to_browser } from "../wamp/connection.ts";
import { Desk } from "./desk.ts";
import { session_tabs } from "./tabs.ts";
import { fetch_login } from "./ticket.ts";
import { type DeskActions, DeskView } from "./views.tsx";

const TYPING_TICK_MS = 1_000;
const CLOCK_TICK_MS = 20_000;

async function start(element: HTMLElement): Promise<void> {
  const [language] = offered(element);
  if (language) await change_language(language);
  const { organisation = "", me = "{}", ws = "/ws", ticket = "/session/ticket", csrf = "" } = element.dataset;
  const store = new Store<ConsoleState, ConsoleEvent>(new_console(JSON.parse(me) as Me), reduce_console);
  const desk = new Desk({
    store,
    tabs: session_tabs(store.state.me.id),
    fetch_login: () => fetch_login(ticket),
    open_socket: browser_sockets(ws),
    is_offline: () => !navigator.onLine,
    is_visible: () => document.visibilityState === "visible",
    logged_out: () => location.assign("/login"),
  });
  const actions: DeskActions = {
    claim: (room) => void desk.claim(room),
    join: (room) => void desk.join(room),
    open: (room) => desk.open(room),
    choose: (room) => desk.choose(room),
    close_tab: (room) => desk.close_tab(room),
    show_profile: (room) => desk.show_profile(room),
    show_column: (column) => store.dispatch({ type: "column", column }),
    end: (room) => void desk.end(room),
    hand_over: (room, to, note) => void desk.hand_over(room, to, note),
    set_presence: (presence) => void desk.set_presence(presence),
    say: (room, text) => desk.say(room, text),
    types: (room, draft) => desk.types(room, draft),
    draft: (room) => desk.drafts.get(room) ?? "",
    try_again: (room, nonce) => desk.try_again(room, nonce),
    give_up: (room, nonce) => store.dispatch({ type: "room", room, event: { type: "given_up", nonce } }),
    fetch_earlier: (room) => desk.fetch_earlier(room),
    put_notice_away: () => store.dispatch({ type: "noticed", notice: "" }),
  };
  const title = document.title;
  const draw = () => {
    const count = attention(store.state);
    document.title = count > 0 ? `(${count}) ${title}` : title;
    render(
      <DeskView
        state={store.state}
        organisation={organisation}
        csrf={csrf}
        now={new Date()}
        actions={actions}
      />,
      element,
    );
  };
  store.listen(draw);
  draw();
  follow_visible_height(document.documentElement);
  listen_to_browser(desk.connection, () => desk.linked());
  document.addEventListener("visibilitychange", () => desk.looked());
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
