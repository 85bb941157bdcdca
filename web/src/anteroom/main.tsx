/** Wires the client's side: in goes the page's element, out comes the running app. Nothing here decides anything. */

import "../style/anteroom.css";
import { render } from "preact";
import { change_language, offered } from "../i18n/language.ts";
import { type AnteroomEvent, type AnteroomState, NEW_ANTEROOM, reduce_anteroom } from "../state/anteroom.ts";
import { Store } from "../talk/store.ts";
import { follow_visible_height } from "../views/parts.tsx";
import { browser_sockets, listen_to_browser } from "../wamp/connection.ts";
import { Anteroom } from "./anteroom.ts";
import { find_storage, IdentityKeeper } from "./identity.ts";
import { type AnteroomActions, AnteroomView } from "./views.tsx";

const TICK_MS = 1_000;

async function start(element: HTMLElement): Promise<void> {
  const [language] = offered(element);
  if (language) await change_language(language);
  const { realm = "", organisation = "", ws = "/ws" } = element.dataset;
  const store = new Store<AnteroomState, AnteroomEvent>(NEW_ANTEROOM, reduce_anteroom);
  const anteroom = new Anteroom({
    realm,
    store,
    keeper: new IdentityKeeper(realm, find_storage()),
    open_socket: browser_sockets(ws),
    is_offline: () => !navigator.onLine,
    is_looking: () => document.visibilityState === "visible",
    language: language?.tag ?? "",
  });
  const actions: AnteroomActions = {
    enter: (name, answers) => void anteroom.enter(name, answers),
    say: (text) => anteroom.say(text),
    types: (draft) => anteroom.types(draft),
    draft: () => anteroom.draft,
    try_again: (nonce) => anteroom.try_again(nonce),
    give_up: (nonce) => anteroom.give_up(nonce),
    fetch_earlier: () => anteroom.fetch_earlier(),
    leave: () => void anteroom.leave(),
    start_again: () => anteroom.start_again(),
  };
  const draw = () =>
    render(
      <AnteroomView state={store.state} organisation={organisation} now={new Date()} actions={actions} />,
      element,
    );
  store.listen(draw);
  draw();
  follow_visible_height(document.documentElement);
  listen_to_browser(anteroom.connection, () => anteroom.linked());
  document.addEventListener("visibilitychange", () => anteroom.looked());
  setInterval(() => {
    store.dispatch({ type: "room", event: { type: "time_passed", now: Date.now() } });
  }, TICK_MS);
  anteroom.start();
}

const element = document.getElementById("anteroom");
if (element) void start(element);
