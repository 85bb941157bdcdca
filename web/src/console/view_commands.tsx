/** Everything by its name: in goes what is typed, out comes the command that was meant. */

import type { TargetedKeyboardEvent } from "preact";
import { useRef, useState } from "preact/hooks";
import { tr } from "../i18n/texts.ts";
import type { DeskProps } from "./actions.ts";
import { type Command, commands_of, matching } from "./commands.ts";
import { Dialog } from "./view_dialog.tsx";

const SHOWN = 12;

export function CommandsDialog(props: DeskProps) {
  const [text, set_text] = useState("");
  const found = matching(commands_of(props), text).slice(0, SHOWN);
  const chosen = useRef<Command | null>(null);
  const choose = (command: Command | undefined, close: () => void) => {
    if (!command) return;
    chosen.current = command;
    close();
  };
  /** The browser tells later that the dialog was closed: a command that opens another one comes after that. */
  const done = () => {
    props.actions.show_dialog(null);
    chosen.current?.run();
  };
  /** Up and down through the field and the commands below it. */
  const move = (event: TargetedKeyboardEvent<HTMLDialogElement>) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (!step) return;
    const stops = [...event.currentTarget.querySelectorAll<HTMLElement>("input, li button")];
    stops[stops.indexOf(document.activeElement as HTMLElement) + step]?.focus();
    event.preventDefault();
  };
  return (
    <Dialog title={tr("Commands")} class="commands" untitled on_key={move} on_done={done}>
      {(close) => (
        <>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              choose(found[0], close);
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
            {found[0] ? tr("Enter: {command}", { command: found[0].name }) : tr("Nothing found.")}
          </p>
          <ul>
            {found.map((command) => (
              <li key={command.id}>
                <button type="button" onClick={() => choose(command, close)}>
                  <bdi>{command.name}</bdi>
                  {command.facts && <span class="soft">{command.facts}</span>}
                  {command.keys && <kbd>{command.keys}</kbd>}
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </Dialog>
  );
}
