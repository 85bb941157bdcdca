/** Below those who are served: groups that go on or are to come, and those that have ended. State in, callbacks out. */

import { isolated, plural, tr } from "../i18n/texts.ts";
import type { Group } from "../state/desk_types.ts";
import { leads, open_groups } from "../state/overview.ts";
import { unread } from "../state/room.ts";
import { clock_time, day_of, moment_text, TIME } from "../views/times.ts";
import type { DeskProps } from "./actions.ts";
import { EndedList } from "./view_ended.tsx";
import { Marks, Unread } from "./view_marks.tsx";
import { SHORT_DAY } from "./waiting.ts";

export function Groups(props: DeskProps) {
  const { state, actions } = props;
  const open = open_groups(state);
  return (
    <section class="groups" aria-label={tr("Groups")}>
      <h2>
        {tr("Groups")} <span class="count">{open.length}</span>
      </h2>
      {open.length > 0 && (
        <ul class="entries">
          {open.map((group) => (
            <Line key={group.room} {...props} group={group} />
          ))}
        </ul>
      )}
      <p>
        <button type="button" class="button link" onClick={() => actions.show_dialog("group")}>
          {tr("Open a group")}
        </button>
      </p>
      <EndedGroups {...props} />
    </section>
  );
}

/** From when to when, with the day where it is not today. */
export function span_text({ opens_at, ends_at }: Group, now: Date): string {
  const on = (at: string) =>
    day_of(at) === day_of(now) ? clock_time(at) : moment_text(at, { ...SHORT_DAY, ...TIME });
  const end = day_of(opens_at) === day_of(ends_at) ? clock_time(ends_at) : on(ends_at);
  return `${on(opens_at)} – ${end}`;
}

/** How many clients are in it, of how many. */
export function size_text({ clients, most_clients }: Group): string {
  return plural(most_clients, "{clients} of {count} client", "{clients} of {count} clients", { clients });
}

function Line({ state, now, group, actions }: DeskProps & { group: Group }) {
  const { room, name, muted, leaders } = group;
  const { me, rooms, busy } = state;
  const [inside, asked] = [leads(group, me.id), group.asked.includes(me.id)];
  const known = rooms[room];
  const others = leaders.filter((one) => one.id !== me.id).map((one) => isolated(one.name));
  const marks = [
    asked ? tr("You are asked in") : "",
    new Date(group.opens_at) > now ? tr("Not begun") : "",
    muted ? tr("Muted") : "",
    group.listed ? tr("In the anteroom") : "",
  ].filter(Boolean);
  const button = (text: string, act: (room: string) => void, kind = "") => (
    <button type="button" class={`button ${kind}`} disabled={room in busy} onClick={() => act(room)}>
      {text}
      <span class="quiet">: {name}</span>
    </button>
  );
  return (
    <li class={`entry${state.active === room ? " in-front" : ""}`} data-room={room}>
      <p class="entry-name">
        <bdi>{name}</bdi>
        <Unread count={known ? unread(known) : 0} />
      </p>
      <Marks marks={marks.map((text) => ["asked", text])} />
      <p class="entry-facts">
        <span>{span_text(group, now)}</span>
        <span>{size_text(group)}</span>
        {inside && <span>{tr("with you")}</span>}
        {others.length > 0 && (
          <span>
            {inside
              ? tr("and {names}", { names: others.join(", ") })
              : tr("with {name}", { name: others.join(", ") })}
          </span>
        )}
      </p>
      <div class="actions">
        {inside && button(tr("Open chat"), actions.open)}
        {!inside && asked && button(tr("Come in"), actions.join, "primary")}
        {asked && button(tr("Decline"), actions.decline)}
        {!inside && !asked && me.role === "manager" && button(tr("Join"), actions.join)}
      </div>
    </li>
  );
}

/** Those one may read: one's own, and managers all. */
function EndedGroups(props: DeskProps) {
  const { groups, me } = props.state;
  const ended = groups.filter((one) => one.closed_at && (me.role === "manager" || leads(one, me.id)));
  if (ended.length === 0) return null;
  return (
    <details class="more">
      <summary>
        {tr("Ended groups")} <span class="count">{ended.length}</span>
      </summary>
      <EndedList {...props} ended={ended} />
    </details>
  );
}
