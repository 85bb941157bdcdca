/** Blocking a client, and the list of those who are: in goes the list, out come decisions. State in, callbacks out. */

import { useEffect, useState } from "preact/hooks";
import { isolated, plural, tr } from "../i18n/texts.ts";
import type { Block } from "../state/desk_types.ts";
import type { RoomState } from "../state/room.ts";
import { AskingButton } from "../views/asking_button.tsx";
import type { DeskProps } from "./actions.ts";
import { Dialog, FormDialog } from "./view_dialog.tsx";
import { LongText, NumberChoice } from "./view_fields.tsx";
import { until_text } from "./waiting.ts";

const HOURS = [1, 3, 12, 24, 72, 168, 720];
const LONGEST = 200;

export function BlockDialog({
  room,
  name,
  actions,
  on_done,
}: DeskProps & { room: RoomState; name: string; on_done: () => void }) {
  const [hours, set_hours] = useState(1);
  const [reason, set_reason] = useState("");
  return (
    <FormDialog
      title={tr("End and block")}
      button={tr("End and block")}
      danger
      ready={reason.trim() !== ""}
      on_submit={() => actions.block(room.room, hours, reason.trim())}
      on_done={on_done}
    >
      <p>
        {tr("The chat with {name} ends, and this client can neither begin another one nor leave a message.", {
          name: isolated(name),
        })}
      </p>
      <NumberChoice
        id="block-hours"
        label={tr("For how long")}
        hint={
          hours > 1
            ? tr("Until a colleague agrees it holds for one hour, if that is wanted here.")
            : undefined
        }
        choices={HOURS}
        name_of={(one) =>
          one < 48
            ? plural(one, "{count} hour", "{count} hours")
            : plural(one / 24, "{count} day", "{count} days")
        }
        value={hours}
        on_change={set_hours}
      />
      <LongText
        id="block-reason"
        label={tr("Reason")}
        hint={tr("For your colleagues, until the block is over. Name nobody.")}
        rows={2}
        required
        longest={LONGEST}
        value={reason}
        on_change={set_reason}
      />
    </FormDialog>
  );
}

export function BlocksDialog(props: DeskProps) {
  const { state, actions } = props;
  useEffect(() => actions.list_blocks(false), []);
  const { list, more } = state.blocks;
  return (
    <Dialog title={tr("Blocked clients")} on_done={() => actions.show_dialog(null)}>
      {(close) => (
        <>
          {list?.length === 0 && <p class="soft">{tr("Nobody is blocked.")}</p>}
          <ul class="list">
            {list?.map((block) => (
              <Line key={block.id} {...props} block={block} />
            ))}
          </ul>
          <div class="actions">
            {more && (
              <button type="button" class="button" onClick={() => actions.list_blocks(true)}>
                {tr("Show more")}
              </button>
            )}
            <button type="button" class="button" onClick={close}>
              {tr("Done")}
            </button>
          </div>
        </>
      )}
    </Dialog>
  );
}

function Line({ state, now, block, actions }: DeskProps & { block: Block }) {
  const { id, name, reason, blocked_by, until, wanted_until, agreed_by } = block;
  const { me } = state;
  const mine = blocked_by.id === me.id || agreed_by?.id === me.id;
  const shown = name ?? tr("a client");
  return (
    <li>
      <div>
        <strong>
          <bdi>{shown}</bdi>
        </strong>{" "}
        {until_text(until, now)}
        {wanted_until && ` · ${tr("asked for: {until}", { until: until_text(wanted_until, now) })}`}
        <br />
        <span dir="auto">{reason}</span>
        <br />
        <span class="soft">
          {tr("blocked by {name}", { name: isolated(blocked_by.name) })}
          {agreed_by && ` · ${tr("agreed by {name}", { name: isolated(agreed_by.name) })}`}
        </span>
      </div>
      <span class="actions">
        {wanted_until && blocked_by.id !== me.id && (
          <button type="button" class="button" onClick={() => actions.agree_to_block(id)}>
            {tr("Agree: {until}", { until: until_text(wanted_until, now) })}
            <span class="quiet">, {shown}</span>
          </button>
        )}
        {(mine || me.role === "manager") && (
          <AskingButton
            question={tr("Lift the block of {name}?", { name: isolated(shown) })}
            yes={tr("Lift")}
            no={tr("Cancel")}
            on_yes={() => actions.lift_block(id)}
          >
            {tr("Lift")}
            <span class="quiet">: {shown}</span>
          </AskingButton>
        )}
      </span>
    </li>
  );
}
