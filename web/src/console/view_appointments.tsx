/** Appointments: the list of those ahead, and giving, moving and cancelling one. State in, callbacks out. */

import { useState } from "preact/hooks";
import { isolated, plural, tr } from "../i18n/texts.ts";
import { appointed_entries } from "../state/clientlist.ts";
import type { Entry } from "../state/desk_types.ts";
import { AskingButton } from "../views/asking_button.tsx";
import { clock_time, moment_text, TIME } from "../views/times.ts";
import type { DeskProps } from "./actions.ts";
import { FormDialog } from "./view_dialog.tsx";
import { Moment, NumberChoice } from "./view_fields.tsx";
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
  const entry = state.list.entries[room];
  const known = entry?.appointment;
  // As it was when it opened; after one to which the client has come there may be another.
  const [appointment] = useState(known?.kept ? undefined : known);
  const before = appointment && new Date(appointment.until).getTime() - new Date(appointment.at).getTime();
  const [at, set_at] = useState(appointment ? field_of(new Date(appointment.at)) : "");
  const [minutes, set_minutes] = useState(before ? before / 60_000 : USUAL);
  const warning = entry && no_way_back(entry);
  return (
    <FormDialog
      title={tr("Appointment of {name}", { name })}
      described_by={warning ? "appointment-warning" : undefined}
      button={appointment ? tr("Move the appointment") : tr("Give the appointment")}
      on_submit={() => actions.appoint(room, new Date(at).toISOString(), minutes)}
      on_done={on_done}
    >
      <div role="status">
        {warning && (
          <p class="notice warning" id="appointment-warning">
            {warning}
          </p>
        )}
      </div>
      <Moment
        id="appointment-at"
        label={tr("Day and time")}
        hint={tr(
          "By the clock of this device. The client reads it in their own time, and with it a return code.",
        )}
        required
        from={now}
        until={new Date(now.getTime() + FURTHEST_MS)}
        value={at}
        on_change={set_at}
      />
      <NumberChoice
        id="appointment-minutes"
        label={tr("How long")}
        choices={[...new Set([...LENGTHS, minutes])]}
        name_of={(one) => plural(one, "{count} minute", "{count} minutes")}
        value={minutes}
        on_change={set_minutes}
      />
    </FormDialog>
  );
}

/** What to ask of a client with nothing to come back by; whose page is open, it makes a code when it hears of the appointment. */
function no_way_back({ return_code, present, status }: Entry): string {
  if (return_code) return "";
  return present && status !== "closed"
    ? tr(
        "This client has no return code, and cannot come back without one. Ask them to note a return code: their page shows one as soon as the appointment is given.",
      )
    : tr(
        "This client has no return code, cannot come back without one, and is not here. If they return, ask them to note a return code: their page shows one with the appointment.",
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
                  {moment_text(at, { ...SHORT_DAY, ...TIME })} – {clock_time(until)}
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
