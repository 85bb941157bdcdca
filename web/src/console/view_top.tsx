/** The head of the desk: the connection, whether new clients are taken, one's own presence, and the way to other pages. */

import { useState } from "preact/hooks";
import { tr } from "../i18n/texts.ts";
import type { Standing } from "../state/desk_types.ts";
import { all_undelivered } from "../state/overview.ts";
import type { Service } from "../state/types.ts";
import { ConnectionLine } from "../views/parts.tsx";
import { clock_time, day_of, moment_text, TIME } from "../views/times.ts";
import type { DeskProps } from "./actions.ts";
import { Badge } from "./view_marks.tsx";
import { Menu } from "./view_menu.tsx";
import { day_and_time } from "./waiting.ts";
import { intake_choices, PRESENCES, pages_of, presence_name } from "./words.ts";

export function Top(props: DeskProps) {
  const { state, organisation, csrf, actions } = props;
  const [unfolded, set_unfolded] = useState(false);
  return (
    <header class="desk-top">
      <p class="desk-brand">
        <img src="/static/logo.svg" alt="" width="28" height="28" />
        <bdi>{organisation}</bdi>
      </p>
      <ConnectionLine link={state.link} undelivered={all_undelivered(state)} />
      <IntakeMenu {...props} />
      <fieldset class="presence">
        <legend class="quiet">{tr("I am")}</legend>
        {PRESENCES.map((presence) => (
          <label key={presence}>
            <input
              type="radio"
              name="presence"
              checked={state.presence === presence}
              onChange={() => actions.set_presence(presence)}
            />
            <span>{presence_name(presence)}</span>
          </label>
        ))}
      </fieldset>
      {state.silent && <p class="mark">{tr("No sound before you touch this page")}</p>}
      <button
        type="button"
        class="button desk-unfold"
        aria-expanded={unfolded}
        aria-controls="desk-nav"
        onClick={() => set_unfolded(!unfolded)}
      >
        {tr("Menu")}
      </button>
      <nav id="desk-nav" class={`desk-nav${unfolded ? " unfolded" : ""}`} aria-label={tr("Pages")}>
        <a href="/clientlist" aria-current="page">
          {tr("Clients")}
        </a>
        {pages_of(state.me).map(([path, name]) => (
          <a
            key={path}
            href={path}
            aria-label={path === "/account" ? tr("Account of {name}", { name: state.me.name }) : undefined}
          >
            {name}
          </a>
        ))}
        <button type="button" onClick={() => actions.show_dialog("blocks")}>
          {tr("Blocks")}
          <Badge count={state.blocks.unagreed} what={tr("to agree to")} />
        </button>
        <button type="button" onClick={() => actions.show_dialog("settings")}>
          {tr("Signals and keys")}
        </button>
        <form id="log-out" method="post" action="/logout">
          <input type="hidden" name="csrf" value={csrf} />
          <button type="submit">{tr("Log out")}</button>
        </form>
      </nav>
    </header>
  );
}

function service_name(service: Service): string {
  if (service === "open") return tr("Open");
  if (service === "full") return tr("Full");
  return service === "paused" ? tr("Paused") : tr("Closed");
}

/** When the hours change that; the day where it is another one, and by whose clock where there are two. */
export function until({ service, opens_at, closes_at, intake, time_zone }: Standing, now: Date): string {
  const at = service === "closed" ? opens_at : closes_at;
  if (!at || intake !== "scheduled") return "";
  const time = day_of(at) === day_of(now) ? clock_time(at) : day_and_time(at, now);
  const there = time_zone ? moment_text(at, { ...TIME, timeZone: time_zone }) : clock_time(at);
  if (there === clock_time(at)) return tr("until {time}", { time });
  const place = time_zone?.split("/").at(-1)?.replaceAll("_", " ") ?? "";
  return tr("until {time} ({there} in {place})", { time, there, place });
}

/** Whether new clients are taken, and changing that. Conversations under way go on. */
function IntakeMenu({ state, now, actions }: DeskProps) {
  const { standing, me } = state;
  if (!standing) return null;
  const { service } = standing;
  const choices = intake_choices(standing, me);
  const label = (
    <>
      <span class="quiet">{tr("New clients")}: </span>
      <span class="link-dot" aria-hidden="true" />
      <strong>{service_name(service)}</strong> {until(standing, now)}
    </>
  );
  return (
    <Menu class="intake" kind={service} label={label}>
      {(close) => (
        <>
          {choices.map(([value, name]) => (
            <button
              key={value}
              type="button"
              class="button"
              onClick={() => {
                actions.set_intake(value);
                close();
              }}
            >
              {name}
            </button>
          ))}
          <p class="soft">
            {choices.length > 0 ? tr("Conversations under way go on.") : tr("Only a manager can open again.")}
          </p>
        </>
      )}
    </Menu>
  );
}
