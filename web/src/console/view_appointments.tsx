/** Appointments: the list of those ahead, and giving, moving and cancelling one. State in, callbacks out. */

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { isolated, plural, tr } from "../i18n/texts.ts";
import { appointed_entries } from "../state/clientlist.ts";
import { AskingButton } from "../views/parts.tsx";
import { clock_time, moment_text } from "../views/times.ts";
import type { DeskProps } from "./actions.ts";
import { field_of, SHORT_DAY } from "./waiting.ts";

const FURTHEST_MS = 60 * 24 * 60 * 60_000;
const LENGTHS = [15, 30, 45, 60, 90];
const USUAL = 30;

export function AppointmentDialog({
  state,
  now,
  room,
  name,
  actions,
  on_done,
}: DeskProps & { room: string; name: string; on_done: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const known = state.list.entries[room]?.appointment;
  // After one to which the client has come there may be another.
  const appointment = known?.kept ? undefined : known;
  const before = appointment && new Date(appointment.until).getTime() - new Date(appointment.at).getTime();
  const [at, set_at] = useState(appointment ? field_of(new Date(appointment.at)) : "");
  const [minutes, set_minutes] = useState(before ? before / 60_000 : USUAL);
  useLayoutEffect(() => dialog.current?.showModal(), []);
  const title = tr("Appointment of {name}", { name });
  // Closing first, and taking away afterwards, gives the focus back to the button.
  const close = () => dialog.current?.close();
  const submit = (event: Event) => {
    event.preventDefault();
    actions.appoint(room, new Date(at).toISOString(), minutes);
    close();
  };
  return (
    <dialog class="card ask" ref={dialog} onClose={on_done} aria-label={title}>
      <form onSubmit={submit}>
        <h2>{title}</h2>
        <div class="field">
          <label for="appointment-at">{tr("Day and time")}</label>
          <input
            id="appointment-at"
            type="datetime-local"
            required
            min={field_of(now)}
            max={field_of(new Date(now.getTime() + FURTHEST_MS))}
            value={at}
            onInput={(event) => set_at(event.currentTarget.value)}
          />
          <p class="hint">
            {tr(
              "By the clock of this device. The client reads it in their own time, and with it a return code.",
            )}
          </p>
        </div>
        <div class="field">
          <label for="appointment-minutes">{tr("How long")}</label>
          <select
            id="appointment-minutes"
            value={minutes}
            onChange={(event) => set_minutes(Number(event.currentTarget.value))}
          >
            {[...new Set([...LENGTHS, minutes])].map((one) => (
              <option key={one} value={one}>
                {plural(one, "{count} minute", "{count} minutes")}
              </option>
            ))}
          </select>
        </div>
        <div class="actions">
          <button type="submit" class="button primary">
            {appointment ? tr("Move the appointment") : tr("Give the appointment")}
          </button>
          <button type="button" class="button" onClick={close}>
            {tr("Cancel")}
          </button>
        </div>
      </form>
    </dialog>
  );
}

/** Those ahead, everybody's; one's own can be moved and cancelled, by managers all. */
export function Appointments(props: DeskProps) {
  const { state, actions } = props;
  const { list, me } = state;
  const [moving, set_moving] = useState("");
  const ahead = appointed_entries(list);
  const moved = list.entries[moving];
  if (ahead.length === 0 && !moved) return null;
  return (
    <section class="missing" aria-label={tr("Appointments")}>
      <h2>
        {tr("Appointments")} <span class="count">{ahead.length}</span>
      </h2>
      <ul class="ended-list">
        {ahead.map(({ room, name, appointment, members = [] }) => {
          const { at = "", until = "", with: whose } = appointment ?? {};
          const mine = whose?.id === me.id;
          const inside = members.some((one) => one.id === me.id);
          return (
            <li key={room} data-room={room}>
              <p>
                <strong>
                  {moment_text(at, SHORT_DAY)}, {clock_time(at)} – {clock_time(until)}
                </strong>{" "}
                <bdi>{name}</bdi>{" "}
                {whose && (
                  <span class="soft">
                    {mine ? tr("with you") : tr("with {name}", { name: isolated(whose.name) })}
                  </span>
                )}
              </p>
              {(mine || inside || me.role === "manager") && (
                <div class="actions">
                  <button type="button" class="button link" onClick={() => set_moving(room)}>
                    {tr("Move the appointment")}
                  </button>
                  <AskingButton
                    class="link"
                    question={tr("Cancel the appointment of {name}?", { name })}
                    yes={tr("Cancel the appointment")}
                    no={tr("Keep it")}
                    on_yes={() => actions.cancel_appointment(room)}
                  >
                    {tr("Cancel the appointment")}
                  </AskingButton>
                </div>
              )}
            </li>
          );
        })}
      </ul>
      {moved && (
        <AppointmentDialog
          key={moving}
          {...props}
          room={moving}
          name={moved.name}
          on_done={() => set_moving("")}
        />
      )}
    </section>
  );
}
