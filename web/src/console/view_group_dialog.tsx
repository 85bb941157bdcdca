/** Opening a group, or changing one: in go what it says of itself, if there is one, out comes what it shall say. State in, callbacks out. */

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { tr } from "../i18n/texts.ts";
import type { Group } from "../state/types.ts";
import type { DeskProps } from "./actions.ts";
import { field_of } from "./waiting.ts";

const MINUTE_MS = 60_000;
const USUAL_MINUTES = 90;
const USUAL_CLIENTS = 12;
const MOST_CLIENTS = 50;
const FURTHEST_MS = 90 * 24 * 60 * MINUTE_MS;
const LONGEST_MS = 24 * 60 * MINUTE_MS;
const NAME_LENGTH = 80;
const TEXT_LENGTH = 1000;

export function GroupDialog({
  group,
  now,
  actions,
  on_done,
}: DeskProps & { group?: Group; on_done: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [name, set_name] = useState(group?.name ?? "");
  const [text, set_text] = useState(group?.text ?? "");
  const [opens_at, set_opens_at] = useState(group ? field_of(new Date(group.opens_at)) : "");
  const [ends_at, set_ends_at] = useState(field_of(end_of(group, now)));
  const [most_clients, set_most_clients] = useState(group?.most_clients ?? USUAL_CLIENTS);
  const [listed, set_listed] = useState(group?.listed ?? false);
  const [busy, set_busy] = useState(false);
  const [problem, set_problem] = useState("");
  useLayoutEffect(() => dialog.current?.showModal(), []);
  const begun = group !== undefined && new Date(group.opens_at) <= now;
  const title = group ? tr("Change the group") : tr("Open a group");
  // Closing first, and taking away afterwards, gives the focus back to the button.
  const close = () => dialog.current?.close();
  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy) return;
    set_busy(true);
    const times = { opens_at: begun || !opens_at ? null : moment(opens_at), ends_at: moment(ends_at) };
    const wish = { name: name.trim(), text: text.trim(), most_clients, listed, ...times };
    const wrong = group ? await actions.change_group(group.room, wish) : await actions.open_group(wish);
    set_busy(false);
    set_problem(wrong);
    if (!wrong) close();
  };
  return (
    <dialog class="card ask" ref={dialog} onClose={on_done} aria-label={title}>
      <form onSubmit={(event) => void submit(event)}>
        <h2>{title}</h2>
        <div class="field">
          <label for="group-name">{tr("Name of the group")}</label>
          <input
            id="group-name"
            required
            maxLength={NAME_LENGTH}
            value={name}
            dir="auto"
            onInput={(event) => set_name(event.currentTarget.value)}
          />
        </div>
        <div class="field">
          <label for="group-text">
            {tr("What clients read first")} <span class="optional">{tr("(optional)")}</span>
          </label>
          <textarea
            id="group-text"
            rows={3}
            maxLength={TEXT_LENGTH}
            value={text}
            dir="auto"
            onInput={(event) => set_text(event.currentTarget.value)}
          />
          <p class="hint">{tr("What it is about, and what holds among you: that names are made up, say.")}</p>
        </div>
        {!begun && (
          <div class="field">
            <label for="group-opens">
              {tr("Begins")} <span class="optional">{tr("(empty: now)")}</span>
            </label>
            <input
              id="group-opens"
              type="datetime-local"
              min={field_of(now)}
              max={field_of(new Date(now.getTime() + FURTHEST_MS))}
              value={opens_at}
              onInput={(event) => set_opens_at(event.currentTarget.value)}
            />
          </div>
        )}
        <div class="field">
          <label for="group-ends">{tr("Ends")}</label>
          <input
            id="group-ends"
            type="datetime-local"
            required
            min={field_of(now)}
            max={field_of(new Date(now.getTime() + FURTHEST_MS + LONGEST_MS))}
            value={ends_at}
            onInput={(event) => set_ends_at(event.currentTarget.value)}
          />
          <p class="hint">{tr("By the clock of this device; at most a day after its beginning.")}</p>
        </div>
        <div class="field">
          <label for="group-most">{tr("Clients at once")}</label>
          <input
            id="group-most"
            type="number"
            required
            min={2}
            max={MOST_CLIENTS}
            value={most_clients}
            onInput={(event) => set_most_clients(event.currentTarget.valueAsNumber)}
          />
        </div>
        <div class="field">
          <label class="setting">
            <input
              type="checkbox"
              checked={listed}
              onChange={(event) => set_listed(event.currentTarget.checked)}
            />
            <span>{tr("Shown to everybody in the anteroom")}</span>
          </label>
          <p class="hint">{tr("Otherwise only those come in to whom you give the link.")}</p>
        </div>
        {problem && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
        <div class="actions">
          <button type="submit" class="button primary" aria-disabled={busy}>
            {group ? tr("Save") : tr("Open the group")}
          </button>
          <button type="button" class="button" onClick={close}>
            {tr("Cancel")}
          </button>
        </div>
      </form>
    </dialog>
  );
}

function end_of(group: Group | undefined, now: Date): Date {
  return group ? new Date(group.ends_at) : new Date(now.getTime() + USUAL_MINUTES * MINUTE_MS);
}

function moment(field: string): string {
  return new Date(field).toISOString();
}
