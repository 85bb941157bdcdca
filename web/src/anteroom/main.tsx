/** Wires the client's side: in goes the page's element, out comes the running app. Nothing here decides anything. */

import "../style/anteroom.css";
import { render } from "preact";
import { change_language, type Language, offered } from "../i18n/language.ts";
import { spoken, tr } from "../i18n/texts.ts";
import { type AnteroomEvent, type AnteroomState, NEW_ANTEROOM, reduce_anteroom } from "../state/anteroom.ts";
import { Store } from "../talk/store.ts";
import { Caller } from "../views/call.ts";
import { keep_focus } from "../views/focus.ts";
import { follow_visible_height } from "../views/parts.tsx";
import { browser_sockets, listen_to_browser } from "../wamp/connection.ts";
import { Anteroom } from "./anteroom.ts";
import { exit_now, listen_for_escape, NEUTRAL } from "./exit.ts";
import { IdentityKeeper } from "./identity.ts";
import { AnteroomView } from "./views.tsx";

const TICK_MS = 1_000;

async function start(element: HTMLElement): Promise<void> {
  const { realm = "", organisation = "", ws = "/ws" } = element.dataset;
  const languages = offered(element);
  if (languages[0]) await change_language(languages[0]);
  const store = new Store<AnteroomState, AnteroomEvent>(NEW_ANTEROOM, reduce_anteroom);
  const caller = new Caller();
  const is_looking = () => document.visibilityState === "visible";
  const anteroom = new Anteroom({
    realm,
    store,
    keeper: new IdentityKeeper(realm, () => sessionStorage),
    open_socket: browser_sockets(ws),
    is_offline: () => !navigator.onLine,
    is_looking,
    language: spoken,
  });
  let gone = false;
  const exit = () => {
    gone = true;
    void exit_now(store.state.description?.exit_url ?? NEUTRAL, () => anteroom.leave(true));
  };
  const speak = (language: Language) =>
    void change_language(language).then(() => {
      draw();
      anteroom.language_changed();
    });
  const title = document.title;
  let was_waiting = false;
  /** Called, and not back at the page yet. */
  let calling = false;
  const draw = () => {
    if (gone) return;
    const { state } = store;
    const status = state.room?.status;
    if (was_waiting && status === "active") {
      caller.call();
      calling = !is_looking() || !document.hasFocus();
    }
    was_waiting = status === "waiting";
    // A neutral title is there from the beginning, and tells nothing later either.
    const called = `● ${state.description?.neutral_title ? "" : tr("Somebody is here for you")}`;
    document.title = calling ? called : title;
    const now = new Date();
    render(
      <AnteroomView
        state={state}
        organisation={organisation}
        languages={languages}
        caller={caller}
        now={now}
        actions={anteroom}
        exit={exit}
        speak={speak}
      />,
      element,
    );
  };
  const looked = () => {
    anteroom.looked();
    if (!is_looking() || !calling) return;
    calling = false;
    draw();
  };
  store.listen(draw);
  draw();
  follow_visible_height(document.documentElement);
  keep_focus(element, ["h2", "#composer"]);
  listen_for_escape(document, exit);
  listen_to_browser(anteroom.connection, () => anteroom.linked());
  document.addEventListener("visibilitychange", looked);
  addEventListener("focus", looked);
  setInterval(() => {
    store.dispatch({ type: "room", event: { type: "time_passed", now: Date.now() } });
  }, TICK_MS);
  anteroom.start();
}

const element = document.getElementById("anteroom");
if (element) void start(element);
