/** Everything by its name: in goes what is typed, out comes the command that was meant. */

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { tr } from "../i18n/texts.ts";
import type { DeskProps } from "./actions.ts";
import { type Command, commands_of, matching } from "./commands.ts";

const SHOWN = 12;

export function CommandsDialog(props: DeskProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [text, set_text] = useState("");
  useLayoutEffect(() => dialog.current?.showModal(), []);
  const found = matching(commands_of(props), text).slice(0, SHOWN);
  const run = (command: Command | undefined) => {
    if (!command) return;
    dialog.current?.close();
    props.actions.show_dialog(null);
    command.run();
  };
  /** Up and down through the field and the commands below it. */
  const move = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (!step || !dialog.current) return;
    const stops = [...dialog.current.querySelectorAll<HTMLElement>("input, li button")];
    stops[stops.indexOf(document.activeElement as HTMLElement) + step]?.focus();
    event.preventDefault();
  };
  return (
    <dialog
      class="card ask commands"
      ref={dialog}
      onClose={() => props.state.dialog === "commands" && props.actions.show_dialog(null)}
      onKeyDown={move}
      aria-label={tr("Commands")}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          run(found[0]);
        }}
      >
        <input
          type="search"
          aria-label={tr("Find a command")}
          placeholder={tr("Find a command")}
          autocomplete="off"
          value={text}
          onInput={(event) => set_text(event.currentTarget.value)}
        />
      </form>
      <p class="quiet" role="status">
        {found.length === 0 && tr("Nothing found.")}
      </p>
      <ul>
        {found.map((command) => (
          <li key={command.name}>
            <button type="button" onClick={() => run(command)}>
              <bdi>{command.name}</bdi>
            </button>
          </li>
        ))}
      </ul>
    </dialog>
  );
}
