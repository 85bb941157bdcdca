/** Blocking a client, and the list of those who are: in goes the list, out come decisions. State in, callbacks out. */

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { isolated, plural, tr } from "../i18n/texts.ts";
import type { RoomState } from "../state/room.ts";
import type { Block } from "../state/types.ts";
import { AskingButton } from "../views/parts.tsx";
import { clock_time, day_label } from "../views/times.ts";
import type { DeskProps } from "./actions.ts";

const HOURS = [1, 3, 12, 24, 72, 168, 720];
const LONGEST = 200;

export function BlockDialog({
  room,
  name,
  actions,
  on_done,
}: DeskProps & { room: RoomState; name: string; on_done: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [hours, set_hours] = useState(1);
  const [reason, set_reason] = useState("");
  useLayoutEffect(() => dialog.current?.showModal(), []);
  const close = () => dialog.current?.close();
  const submit = (event: Event) => {
    event.preventDefault();
    if (!reason.trim()) return;
    actions.block(room.room, hours, reason.trim());
    close();
  };
  return (
    <dialog class="card ask" ref={dialog} onClose={on_done} aria-label={tr("End and block")}>
      <form onSubmit={submit}>
        <h2>{tr("End and block")}</h2>
        <p>
          {tr(
            "The chat with {name} ends, and this client can neither begin another one nor leave a message.",
            {
              name: isolated(name),
            },
          )}
        </p>
        <div class="field">
          <label for="block-hours">{tr("For how long")}</label>
          <select
            id="block-hours"
            value={hours}
            onChange={(event) => set_hours(Number(event.currentTarget.value))}
          >
            {HOURS.map((one) => (
              <option key={one} value={one}>
                {one < 48
                  ? plural(one, "{count} hour", "{count} hours")
                  : plural(one / 24, "{count} day", "{count} days")}
              </option>
            ))}
          </select>
          {hours > 1 && (
            <p class="hint">
              {tr("Until a colleague agrees it holds for one hour, if that is wanted here.")}
            </p>
          )}
        </div>
        <div class="field">
          <label for="block-reason">{tr("Reason")}</label>
          <textarea
            id="block-reason"
            rows={2}
            required
            maxLength={LONGEST}
            value={reason}
            dir="auto"
            onInput={(event) => set_reason(event.currentTarget.value)}
          />
          <p class="hint">{tr("For your colleagues, until the block is over. Name nobody.")}</p>
        </div>
        <div class="actions">
          <button type="submit" class="button danger" disabled={!reason.trim()}>
            {tr("End and block")}
          </button>
          <button type="button" class="button" onClick={close}>
            {tr("Cancel")}
          </button>
        </div>
      </form>
    </dialog>
  );
}

export function BlocksDialog(props: DeskProps) {
  const { state, actions } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    dialog.current?.showModal();
    actions.list_blocks(false);
  }, []);
  const { list, more } = state.blocks;
  return (
    <dialog
      class="card ask"
      ref={dialog}
      onClose={() => actions.show_dialog(null)}
      aria-label={tr("Blocked clients")}
    >
      <h2>{tr("Blocked clients")}</h2>
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
        <button type="button" class="button primary" onClick={() => dialog.current?.close()}>
          {tr("Done")}
        </button>
      </div>
    </dialog>
  );
}

function Line({ state, now, block, actions }: DeskProps & { block: Block }) {
  const { id, name, reason, blocked_by, until, wanted_until, agreed_by } = block;
  const { me } = state;
  const at = (time: string) => `${day_label(time, now)}, ${clock_time(time)}`;
  const mine = blocked_by.id === me.id || agreed_by?.id === me.id;
  const shown = name ?? tr("a client");
  return (
    <li>
      <div>
        <strong>
          <bdi>{shown}</bdi>
        </strong>{" "}
        {tr("until {time}", { time: at(until) })}
        {wanted_until && ` · ${tr("wanted until {time}", { time: at(wanted_until) })}`}
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
            {tr("Agree")}
            <span class="quiet">: {shown}</span>
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
