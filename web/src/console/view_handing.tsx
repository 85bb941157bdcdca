/** Handing a client over, back to the list, or asking a second consultant in: in go colleagues, out come a choice and a note. */

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { plural, tr } from "../i18n/texts.ts";
import { group_of } from "../state/console.ts";
import type { RoomState } from "../state/room.ts";
import type { DeskProps } from "./actions.ts";
import { presence_name } from "./words.ts";

export type Handing = "over" | "ask";
const LIST = "the list";
const LONGEST = 1000;

export function HandingDialog({
  state,
  room,
  what,
  actions,
  on_done,
}: DeskProps & { room: RoomState; what: Handing; on_done: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [to, set_to] = useState("");
  const [note, set_note] = useState("");
  useLayoutEffect(() => dialog.current?.showModal(), []);
  const entry = state.list.entries[room.room];
  const { leaders: members = entry?.members ?? [], asked = entry?.asked ?? [] } =
    group_of(state, room.room) ?? {};
  const there = new Set(
    what === "over" ? [entry?.served_by?.id] : [state.me.id, ...members.map((one) => one.id), ...asked],
  );
  const others = state.staff.filter((one) => !there.has(one.id));
  const title = what === "over" ? tr("Hand over") : tr("Ask somebody in");
  // Closing first, and taking away afterwards, gives the focus back to the button.
  const close = () => dialog.current?.close();
  const submit = (event: Event) => {
    event.preventDefault();
    if (!to) return;
    if (what === "ask") actions.ask_in(room.room, to, note.trim());
    else if (to === LIST) actions.release(room.room, note.trim());
    else actions.hand_over(room.room, to, note.trim());
    close();
  };
  const choice = (id: string, label: string, facts: string) => (
    <label key={id}>
      <input type="radio" name="to" required checked={to === id} onChange={() => set_to(id)} />
      <span>
        <bdi>{label}</bdi> <span class="soft">{facts}</span>
      </span>
    </label>
  );
  return (
    <dialog class="card ask" ref={dialog} onClose={on_done} aria-label={title}>
      <form onSubmit={submit}>
        <h2>{title}</h2>
        {others.length === 0 && <p>{tr("There is no other colleague.")}</p>}
        {(others.length > 0 || what === "over") && (
          <fieldset class="field colleagues">
            <legend>{tr("To whom")}</legend>
            {others.map(({ id, name, presence, rooms, limit }) =>
              choice(
                id,
                name,
                `${presence_name(presence ?? "away")}, ${
                  limit
                    ? tr("{rooms} of {limit} chats", { rooms, limit })
                    : plural(rooms, "{count} chat", "{count} chats")
                }`,
              ),
            )}
            {what === "over" && choice(LIST, tr("Back to the list"), tr("whoever has time goes on"))}
          </fieldset>
        )}
        <div class="field">
          <label for="hand-over-note">
            {tr("Note for your colleague")} <span class="optional">{tr("(optional)")}</span>
          </label>
          <textarea
            id="hand-over-note"
            rows={3}
            maxLength={LONGEST}
            value={note}
            dir="auto"
            onInput={(event) => set_note(event.currentTarget.value)}
          />
          <p class="hint">{tr("The client does not see it.")}</p>
        </div>
        <div class="actions">
          <button type="submit" class="button primary" disabled={!to}>
            {what === "over" ? tr("Hand over") : tr("Ask in")}
          </button>
          <button type="button" class="button" onClick={close}>
            {tr("Cancel")}
          </button>
        </div>
      </form>
    </dialog>
  );
}
