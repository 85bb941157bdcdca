/** The head of the desk: the connection, whether new clients are taken, one's own presence, and the way to other pages. */

import { useRef } from "preact/hooks";
import { tr } from "../i18n/texts.ts";
import type { Intake, Presence, Standing } from "../state/desk_types.ts";
import { all_undelivered } from "../state/overview.ts";
import type { Service } from "../state/types.ts";
import { ConnectionLine } from "../views/parts.tsx";
import { clock_time, day_of, moment_text } from "../views/times.ts";
import type { DeskProps } from "./actions.ts";
import { Badge } from "./view_marks.tsx";
import { presence_name } from "./words.ts";

const PRESENCES: Presence[] = ["here", "busy", "away"];

export function Top(props: DeskProps) {
  const { state, organisation, csrf, actions } = props;
  const manager = state.me.role === "manager";
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
      <nav class="desk-nav" aria-label={tr("Pages")}>
        <a href="/clientlist" aria-current="page">
          {tr("Clients")}
        </a>
        {manager && <a href="/invite">{tr("Invite")}</a>}
        {manager && <a href="/organisation">{tr("Organisation")}</a>}
        <a href="/account" aria-label={tr("Account of {name}", { name: state.me.name })}>
          {tr("Account")}
        </a>
        <button type="button" onClick={() => actions.show_dialog("blocks")}>
          {tr("Blocks")}
          <Badge count={state.blocks.unagreed} what={tr("to agree to")} />
        </button>
        <button type="button" onClick={() => actions.show_dialog("settings")}>
          {tr("Signals and keys")}
        </button>
        <form method="post" action="/logout">
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

/** When the hours change that; the day where it is another one. */
function until({ service, opens_at, closes_at, intake }: Standing, now: Date): string {
  const at = service === "closed" ? opens_at : closes_at;
  if (!at || intake !== "scheduled") return "";
  if (day_of(at) === day_of(now)) return tr("until {time}", { time: clock_time(at) });
  const day = moment_text(at, { weekday: "long" });
  return tr("until {time}", { time: `${day} ${clock_time(at)}` });
}

/** Whether new clients are taken, and changing that. Conversations under way go on. */
function IntakeMenu({ state, now, actions }: DeskProps) {
  const menu = useRef<HTMLDetailsElement>(null);
  const { standing, me } = state;
  if (!standing) return null;
  const { intake, service } = standing;
  const manager = me.role === "manager";
  const choices: [Intake, string][] = [];
  if (intake !== "scheduled" && (intake === "paused" || manager)) {
    choices.push(["scheduled", tr("Take new clients again")]);
  }
  if (intake === "scheduled") choices.push(["paused", tr("Pause: no new clients for a while")]);
  if (intake !== "closed" && manager) choices.push(["closed", tr("Close until further notice")]);
  const put_away = () => {
    menu.current?.removeAttribute("open");
    menu.current?.querySelector("summary")?.focus();
  };
  return (
    <details
      class="intake"
      ref={menu}
      data-service={service}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !menu.current?.open) return;
        event.stopPropagation();
        put_away();
      }}
    >
      <summary>
        <span class="quiet">{tr("New clients")}: </span>
        <span class="link-dot" aria-hidden="true" />
        <strong>{service_name(service)}</strong> {until(standing, now)}
      </summary>
      <div class="intake-choices card">
        {choices.map(([value, label]) => (
          <button
            key={value}
            type="button"
            class="button"
            onClick={() => {
              actions.set_intake(value);
              put_away();
            }}
          >
            {label}
          </button>
        ))}
        <p class="soft">
          {choices.length > 0 ? tr("Conversations under way go on.") : tr("Only a manager can open again.")}
        </p>
      </div>
    </details>
  );
}
