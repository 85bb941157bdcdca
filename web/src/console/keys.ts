/** Keys of the desk: in go key presses, out come dialogs and tabs. Single keys do nothing while one writes, and all can be switched off. */

import type { ConsoleEvent, ConsoleState } from "../state/console.ts";
import { may_write } from "../state/overview.ts";
import type { Store } from "../talk/store.ts";
import type { Chats } from "./chats.ts";

const WRITING = "input, textarea, select, [contenteditable]";

export function listen_to_keys(
  document: Document,
  store: Store<ConsoleState, ConsoleEvent>,
  chats: Chats,
): void {
  document.addEventListener("keydown", (event) => {
    const { settings, dialog, tabs } = store.state;
    if (!settings.keys || dialog || document.querySelector("dialog[open]")) return;
    const { key, code, ctrlKey, metaKey, altKey } = event;
    if ((ctrlKey || metaKey) && !altKey && key.toLowerCase() === "k") {
      store.dispatch({ type: "dialog", dialog: "commands" });
    } else if ((ctrlKey || metaKey) && !altKey && key === "/") {
      if (!may_write(store.state)) return;
      store.dispatch({ type: "dialog", dialog: "answers" });
    } else if (key === "?" && !(event.target as Element).closest(WRITING)) {
      store.dispatch({ type: "dialog", dialog: "settings" });
    } else if (altKey && !ctrlKey && /^Digit[1-9]$/.test(code)) {
      const room = tabs[Number(code.slice(5)) - 1];
      if (!room) return;
      chats.choose(room);
    } else return;
    event.preventDefault();
  });
}
