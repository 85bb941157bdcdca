/** Handing a client over, back to the list, or asking a second consultant in: in go colleagues, out come a choice and a note. */

import { useState } from "preact/hooks";
import { plural, tr } from "../i18n/texts.ts";
import { group_of } from "../state/overview.ts";
import type { RoomState } from "../state/room.ts";
import type { DeskProps } from "./actions.ts";
import { FormDialog } from "./view_dialog.tsx";
import { LongText } from "./view_fields.tsx";
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
  const [to, set_to] = useState("");
  const [note, set_note] = useState("");
  const entry = state.list.entries[room.room];
  const { leaders: members = entry?.members ?? [], asked = entry?.asked ?? [] } =
    group_of(state, room.room) ?? {};
  const there = new Set(
    what === "over" ? [entry?.served_by?.id] : [state.me.id, ...members.map((one) => one.id), ...asked],
  );
  const others = state.staff.filter((one) => !there.has(one.id));
  const submit = () => {
    if (what === "ask") return actions.ask_in(room.room, to, note.trim());
    if (to === LIST) return actions.release(room.room, note.trim());
    return actions.hand_over(room.room, to, note.trim());
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
    <FormDialog
      title={what === "over" ? tr("Hand over") : tr("Ask somebody in")}
      button={what === "over" ? tr("Hand over") : tr("Ask in")}
      ready={to !== ""}
      on_submit={submit}
      on_done={on_done}
    >
      {others.length === 0 && <p>{tr("There is no other colleague.")}</p>}
      {(others.length > 0 || what === "over") && (
        <fieldset class="field colleagues">
          <legend>{what === "over" ? tr("To whom") : tr("Whom")}</legend>
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
      <LongText
        id="hand-over-note"
        label={tr("Note for your colleague")}
        hint={tr("The client does not see it.")}
        rows={3}
        longest={LONGEST}
        value={note}
        on_change={set_note}
      />
    </FormDialog>
  );
}
