/** Opening a group, or changing one: in go what it says of itself, if there is one, out comes what it shall say. State in, callbacks out. */

import { useState } from "preact/hooks";
import { tr } from "../i18n/texts.ts";
import type { Group } from "../state/desk_types.ts";
import type { DeskProps } from "./actions.ts";
import { FormDialog } from "./view_dialog.tsx";
import { Field, LongText, Moment } from "./view_fields.tsx";
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
  const [name, set_name] = useState(group?.name ?? "");
  const [text, set_text] = useState(group?.text ?? "");
  const [opens_at, set_opens_at] = useState(group ? field_of(new Date(group.opens_at)) : "");
  const [ends_at, set_ends_at] = useState(field_of(end_of(group, now)));
  const [most_clients, set_most_clients] = useState(group?.most_clients ?? USUAL_CLIENTS);
  const [listed, set_listed] = useState(group?.listed ?? false);
  const begun = group !== undefined && new Date(group.opens_at) <= now;
  const submit = () => {
    const times = { opens_at: begun || !opens_at ? null : moment(opens_at), ends_at: moment(ends_at) };
    const wish = { name: name.trim(), text: text.trim(), most_clients, listed, ...times };
    return group ? actions.change_group(group.room, wish) : actions.open_group(wish);
  };
  return (
    <FormDialog
      title={group ? tr("Change the group") : tr("Open a group")}
      button={group ? tr("Save") : tr("Open the group")}
      on_submit={submit}
      on_done={on_done}
    >
      <Field id="group-name" label={tr("Name of the group")}>
        <input
          id="group-name"
          required
          maxLength={NAME_LENGTH}
          value={name}
          dir="auto"
          onInput={(event) => set_name(event.currentTarget.value)}
        />
      </Field>
      <LongText
        id="group-text"
        label={tr("What clients read first")}
        hint={tr("What it is about, and what holds among you: that names are made up, say.")}
        rows={3}
        longest={TEXT_LENGTH}
        value={text}
        on_change={set_text}
      />
      {!begun && (
        <Moment
          id="group-opens"
          label={tr("Begins")}
          aside={tr("(empty: now)")}
          from={now}
          until={new Date(now.getTime() + FURTHEST_MS)}
          value={opens_at}
          on_change={set_opens_at}
        />
      )}
      <Moment
        id="group-ends"
        label={tr("Ends")}
        hint={tr("By the clock of this device; at most a day after its beginning.")}
        required
        from={now}
        until={new Date(now.getTime() + FURTHEST_MS + LONGEST_MS)}
        value={ends_at}
        on_change={set_ends_at}
      />
      <Field id="group-most" label={tr("Clients at once")}>
        <input
          id="group-most"
          type="number"
          required
          min={2}
          max={MOST_CLIENTS}
          value={most_clients}
          onInput={(event) => set_most_clients(event.currentTarget.valueAsNumber)}
        />
      </Field>
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
    </FormDialog>
  );
}

function end_of(group: Group | undefined, now: Date): Date {
  return group ? new Date(group.ends_at) : new Date(now.getTime() + USUAL_MINUTES * MINUTE_MS);
}

function moment(field: string): string {
  return new Date(field).toISOString();
}
