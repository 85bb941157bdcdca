/** The left column: who waits, what was left, who is being served, and a filter. State in, callbacks out. */

import type { ComponentChildren } from "preact";
import { tr } from "../i18n/texts.ts";
import {
  type Filter,
  is_filtering,
  languages_of,
  left_entries,
  longest_since,
  passes,
  type Sort,
  served_entries,
  sorted,
  waiting_entries,
} from "../state/clientlist.ts";
import type { Entry } from "../state/desk_types.ts";
import { unread } from "../state/room.ts";
import type { DeskProps } from "./actions.ts";
import { Appointments } from "./view_appointments.tsx";
import { Colleagues, EndedChats, MissingRecords } from "./view_ended.tsx";
import { EntryRow } from "./view_entry.tsx";
import { Groups } from "./view_groups.tsx";
import { waiting_time } from "./waiting.ts";
import { language_name } from "./words.ts";

/** Fewer than this are seen at a glance. */
const WORTH_FILTERING = 5;

export function ClientColumn(props: DeskProps) {
  const { state } = props;
  const { list, me, filter } = state;
  const waiting = waiting_entries(list);
  const left = left_entries(list);
  const served = served_entries(list, me.id);
  const many = Object.keys(list.entries).length >= WORTH_FILTERING;
  const own = state.staff.find((one) => one.id === me.id);
  return (
    <section class="column clients" aria-label={tr("Clients")}>
      {(many || is_filtering(filter) || filter.sort !== "turn") && <FilterBar {...props} />}
      <Part
        {...props}
        title={tr("Waiting")}
        entries={waiting}
        in_line
        empty={list.ready ? tr("Nobody is waiting.") : tr("One moment …")}
      >
        {waiting.length > 1 && (
          <span class="limit">
            {tr("longest: {time}", { time: waiting_time(longest_since(waiting) ?? "", props.now) })}
          </span>
        )}
      </Part>
      {left.length > 0 && <Part {...props} title={tr("Messages left")} entries={left} />}
      <Part {...props} title={tr("Being served")} entries={served} empty={tr("Nobody is in a conversation.")}>
        {own && Boolean(own.limit) && (
          <span class={`limit${own.rooms >= (own.limit ?? 0) ? " reached" : ""}`}>
            {tr("yours: {rooms} of {limit}", { rooms: own.rooms, limit: own.limit ?? 0 })}
          </span>
        )}
      </Part>
      <Groups {...props} />
      <Appointments {...props} />
      <MissingRecords {...props} />
      <EndedChats {...props} />
      <Colleagues {...props} />
    </section>
  );
}

interface PartProps extends DeskProps {
  title: string;
  entries: Entry[];
  empty?: string;
  in_line?: boolean;
  children?: ComponentChildren;
}

function Part({ title, entries, empty, in_line = false, children, state, now, actions }: PartProps) {
  const { filter, me, rooms, busy } = state;
  const passing = entries.filter((entry) => passes(entry, filter, me.id));
  const places = new Map(entries.map((entry, index) => [entry, index + 1]));
  const shown = sorted(passing, filter.sort).map((entry) => ({
    entry,
    place: in_line ? (places.get(entry) ?? null) : null,
  }));
  const all = shown.length === entries.length;
  const none = entries.length === 0 ? empty : tr("None of them passes the filter.");
  const List = in_line ? "ol" : "ul";
  return (
    <>
      <h2>
        {title}{" "}
        <span class="count">
          {all ? entries.length : tr("{count} of {all}", { count: shown.length, all: entries.length })}
        </span>{" "}
        {children}
      </h2>
      {shown.length === 0 ? (
        <p class="empty">{none}</p>
      ) : (
        <List class="entries">
          {shown.map(({ entry, place }) => {
            const open = rooms[entry.room];
            const counts = entry.served_by?.id === me.id || entry.status === "waiting";
            return (
              <EntryRow
                key={entry.room}
                entry={entry}
                place={place}
                waited={waiting_time(entry.since, now)}
                unread={open?.ready ? unread(open) : counts ? entry.unread : 0}
                in_front={state.active === entry.room}
                is_open={open !== undefined && !open.gone}
                busy={entry.room in busy}
                me={me.id}
                manager={me.role === "manager"}
                actions={actions}
              />
            );
          })}
        </List>
      )}
    </>
  );
}

function FilterBar({ state, actions }: DeskProps) {
  const { text, show, language, sort } = state.filter;
  const languages = languages_of(state.list);
  const shows: [Filter["show"], string][] = [
    ["all", tr("All")],
    ["mine", tr("Mine")],
    ["urgent", tr("Urgent")],
  ];
  const sorts: [Sort, string][] = [
    ["turn", tr("In turn")],
    ["wait", tr("Longest first")],
    ["name", tr("By name")],
    ["topic", tr("By topic")],
    ["language", tr("By language")],
  ];
  return (
    <search class="filter">
      <input
        type="search"
        aria-label={tr("Find by name or topic")}
        placeholder={tr("Find by name or topic")}
        value={text}
        onInput={(event) => actions.set_filter({ text: event.currentTarget.value })}
      />
      <select
        aria-label={tr("Which ones")}
        value={show}
        onChange={(event) => actions.set_filter({ show: event.currentTarget.value as Filter["show"] })}
      >
        {shows.map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
      <select
        aria-label={tr("Order")}
        value={sort}
        onChange={(event) => actions.set_filter({ sort: event.currentTarget.value as Sort })}
      >
        {sorts.map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
      {(languages.length > 1 || language) && (
        <select
          aria-label={tr("Language")}
          value={language}
          onChange={(event) => actions.set_filter({ language: event.currentTarget.value })}
        >
          <option value="">{tr("All languages")}</option>
          {languages.map((one) => (
            <option key={one} value={one}>
              {language_name(one)}
            </option>
          ))}
        </select>
      )}
    </search>
  );
}
