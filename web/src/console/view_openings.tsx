/** Below the profile: who has opened this conversation, as the audit log tells those who serve or served it. State in, callbacks out. */

import { useState } from "preact/hooks";
import { isolated, tr } from "../i18n/texts.ts";
import type { Colleague, Opening } from "../state/desk_types.ts";
import type { DeskProps } from "./actions.ts";
import { day_and_time } from "./waiting.ts";

export function OpeningsPanel(props: DeskProps) {
  const { state } = props;
  const room = state.profile_of;
  const may_know = room && (state.rooms[room] || state.me.role === "manager");
  return may_know ? <Openings key={room} room={room} {...props} /> : null;
}

function Openings({ room, state, now, actions }: DeskProps & { room: string }) {
  const [found, set_found] = useState<Opening[] | null>(null);
  const look = async (is_open: boolean) => set_found(is_open ? await actions.list_openings(room) : null);
  return (
    <details class="more openings" onToggle={(event) => void look(event.currentTarget.open)}>
      <summary>{tr("Who opened this conversation")}</summary>
      {found?.length === 0 && <p class="empty">{tr("Nobody yet.")}</p>}
      {found && found.length > 0 && (
        <ul>
          {found.map((opening) => (
            <li key={opening.at + opening.action}>
              <bdi>{opening.actor.name}</bdi>: {what_of(opening, state.staff)}{" "}
              <span class="soft">({day_and_time(opening.at, now)})</span>
            </li>
          ))}
        </ul>
      )}
    </details>
  );
}

/** What was done, in words. */
function what_of({ action, to }: Opening, staff: Colleague[]): string {
  const name = staff.find((one) => one.id === to)?.name;
  const words: Record<string, string> = {
    "room.claimed": tr("took the client off the list"),
    "room.transferred": name ? tr("handed over to {name}", { name: isolated(name) }) : tr("handed over"),
    "room.joined": tr("came in"),
    "room.read": tr("read it after its end"),
    "room.taken_over": tr("took over"),
    "profile.read": tr("read the profile"),
    "notes.read": tr("read the notes"),
  };
  return words[action] ?? action;
}
