/** Below the clients: records that are still to be written, ended conversations, and the colleagues. State in, callbacks out. */

import { plural, tr } from "../i18n/texts.ts";
import type { DeskProps } from "./actions.ts";
import { day_and_time } from "./waiting.ts";
import { presence_name } from "./words.ts";

export interface EndedListProps extends DeskProps {
  ended: { room: string; name: string; closed_at: string | null }[];
}

/** Conversations that have ended, to be read. */
export function EndedList({ ended, now, actions }: EndedListProps) {
  return (
    <ul class="ended-list">
      {ended.map(({ room, name, closed_at }) => (
        <li key={room} data-room={room}>
          <button type="button" class="ended" onClick={() => actions.open(room)}>
            <bdi>{name}</bdi>
            <span class="soft">{day_and_time(closed_at ?? "", now)}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

export function MissingRecords(props: DeskProps) {
  const { missing } = props.state.records;
  if (missing.length === 0) return null;
  return (
    <section class="missing" aria-label={tr("Records to write")}>
      <h2>
        {tr("Records to write")} <span class="count">{missing.length}</span>
      </h2>
      <EndedList {...props} ended={missing} />
    </section>
  );
}

export function EndedChats(props: DeskProps) {
  const { state, actions } = props;
  const { ended, more } = state.records;
  return (
    <details
      class="more"
      open={ended !== null}
      onToggle={({ currentTarget: { open } }) => {
        if (!open) actions.hide_ended();
        else if (!ended) actions.list_ended(false);
      }}
    >
      <summary>{tr("Ended chats")}</summary>
      {ended && (
        <search class="filter">
          <input
            type="search"
            aria-label={tr("Find ended chats by name or topic")}
            placeholder={tr("Find by name or topic")}
            maxLength={100}
            onChange={(event) => actions.list_ended(false, event.currentTarget.value)}
          />
        </search>
      )}
      {ended?.length === 0 && <p class="empty">{tr("There are none, or they are deleted already.")}</p>}
      {ended && ended.length > 0 && <EndedList {...props} ended={ended} />}
      {more && (
        <button type="button" class="button link" onClick={() => actions.list_ended(true)}>
          {tr("Show more")}
        </button>
      )}
    </details>
  );
}

export function Colleagues({ state }: DeskProps) {
  const others = state.staff.filter((one) => one.id !== state.me.id);
  if (others.length === 0) return null;
  const here = others.filter((one) => one.presence === "here").length;
  return (
    <details class="more">
      <summary>
        {tr("Colleagues")} <span class="count">{tr("{count} here", { count: here })}</span>
      </summary>
      {others.map(({ id, name, presence, rooms }) => (
        <p key={id} class="colleague" data-presence={presence ?? "away"}>
          <span class="link-dot" aria-hidden="true" />
          <bdi>{name}</bdi>{" "}
          <span class="soft">
            {presence_name(presence ?? "away")}, {plural(rooms, "{count} chat", "{count} chats")}
          </span>
        </p>
      ))}
    </details>
  );
}
