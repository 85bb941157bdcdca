/** The left column: who waits and who is being served. State in, callbacks out. */

import { isolated, tr } from "../i18n/texts.ts";
import { served_entries, waiting_entries } from "../state/clientlist.ts";
import { unread } from "../state/room.ts";
import type { Entry } from "../state/types.ts";
import type { DeskProps } from "./views.tsx";
import { waiting_time } from "./waiting.ts";

export function ClientColumn(props: DeskProps) {
  const { state } = props;
  const waiting = waiting_entries(state.list);
  const served = served_entries(state.list, state.me.id);
  return (
    <section class="column clients" aria-label={tr("Clients")}>
      <h2>
        {tr("Waiting")} <span class="count">{waiting.length}</span>
      </h2>
      {!state.list.ready ? (
        <p class="empty">{tr("One moment …")}</p>
      ) : waiting.length === 0 ? (
        <p class="empty">{tr("Nobody is waiting.")}</p>
      ) : (
        <ol class="entries">
          {waiting.map((entry) => (
            <EntryRow key={entry.room} entry={entry} {...props} />
          ))}
        </ol>
      )}
      <h2>
        {tr("Being served")} <span class="count">{served.length}</span>
      </h2>
      {served.length === 0 ? (
        <p class="empty">{tr("Nobody is in a conversation.")}</p>
      ) : (
        <ul class="entries">
          {served.map((entry) => (
            <EntryRow key={entry.room} entry={entry} {...props} />
          ))}
        </ul>
      )}
    </section>
  );
}

/** Whether the client is there: in shape, colour and words. */
export function PresenceMark({ present }: { present: boolean }) {
  return (
    <span class={`presence-mark ${present ? "" : "lost"}`}>
      <span class="link-dot" aria-hidden="true" />
      {present ? tr("connected") : tr("connection lost")}
    </span>
  );
}

function EntryRow({ entry, state, now, actions }: DeskProps & { entry: Entry }) {
  const { room, name, status, present, position, served_by } = entry;
  const open = state.rooms[room];
  const mine = served_by?.id === state.me.id;
  const new_messages = open?.ready ? unread(open) : mine || status === "waiting" ? entry.unread : 0;
  const busy = room in state.busy;
  return (
    <li class={`entry${state.active === room ? " in-front" : ""}`} data-room={room} data-status={status}>
      <p class="entry-name">
        {status === "waiting" && position !== null && (
          <span class="entry-position">
            <span class="quiet">{tr("Place")} </span>
            {position}
          </span>
        )}
        <bdi>{name}</bdi>
        {new_messages > 0 && (
          <span class="badge">
            {new_messages}
            <span class="quiet"> {tr("unread")}</span>
          </span>
        )}
      </p>
      <p class="entry-facts">
        <PresenceMark present={present} />
        <span>{waiting_time(entry.since, now)}</span>
        {served_by && (
          <span>{mine ? tr("with you") : tr("with {name}", { name: isolated(served_by.name) })}</span>
        )}
      </p>
      <div class="actions">
        <button
          type="button"
          class="button"
          onClick={() => actions.show_profile(room)}
          aria-label={tr("Profile of {name}", { name })}
        >
          {tr("Profile")}
        </button>
        {status === "waiting" && (
          <button
            type="button"
            class="button primary"
            disabled={busy}
            onClick={() => actions.claim(room)}
            aria-label={tr("Chat now with {name}", { name })}
          >
            {tr("Chat now")}
          </button>
        )}
        {status === "active" && (mine || open) && (
          <button
            type="button"
            class="button"
            onClick={() => actions.open(room)}
            aria-label={tr("Open chat with {name}", { name })}
          >
            {tr("Open chat")}
          </button>
        )}
        {status === "active" && !mine && !open && state.me.role === "manager" && (
          <button
            type="button"
            class="button"
            disabled={busy}
            onClick={() => actions.join(room)}
            aria-label={tr("Join the chat of {name}", { name })}
          >
            {tr("Join")}
          </button>
        )}
      </div>
    </li>
  );
}
