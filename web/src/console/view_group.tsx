/** A group in front: what leads it, above its conversation, and beside it who is in it and its link. State in, callbacks out. */

import { useRef, useState } from "preact/hooks";
import { isolated, tr } from "../i18n/texts.ts";
import type { Group } from "../state/desk_types.ts";
import { group_of, leads } from "../state/overview.ts";
import type { RoomState } from "../state/room.ts";
import type { Person } from "../state/types.ts";
import { AskingButton } from "../views/asking_button.tsx";
import type { DeskProps } from "./actions.ts";
import { ActButtons } from "./view_acts.tsx";
import { size_text, span_text } from "./view_groups.tsx";

export function GroupTop(props: DeskProps & { room: RoomState; group: Group }) {
  const { state, room, group, now, actions } = props;
  const { name, muted, asked } = group;
  const closed = room.status === "closed";
  const called = state.staff.filter((one) => asked.includes(one.id)).map((one) => isolated(one.name));
  return (
    <div class="front-top">
      <h2>
        <bdi>{name}</bdi>
      </h2>
      {!closed && (
        <span class="soft">
          {size_text(group)}, {span_text(group, now)}
        </span>
      )}
      {!closed && muted && <span class="mark">{tr("Muted")}</span>}
      {called.length > 0 && <span class="soft">{tr("asked in: {names}", { names: called.join(", ") })}</span>}
      {!closed && !room.gone && (
        <div class="actions">
          <button type="button" class="button to-members" onClick={() => actions.show_profile(room.room)}>
            {tr("Members")}
          </button>
          <ActButtons {...props} />
        </div>
      )}
    </div>
  );
}

/** The right column of a group. */
export function GroupPanel(props: DeskProps) {
  const { state, now } = props;
  const group = group_of(state, state.profile_of);
  if (!group) return null;
  const room = state.rooms[group.room];
  return (
    <aside class="profile" aria-label={tr("Group")}>
      <h2>
        <bdi>{group.name}</bdi>
      </h2>
      <dl class="profile-facts">
        {group.text && (
          <div>
            <dt>{tr("What clients read first")}</dt>
            <dd dir="auto">{group.text}</dd>
          </div>
        )}
        <div>
          <dt>{tr("When")}</dt>
          <dd>{span_text(group, now)}</dd>
        </div>
      </dl>
      {!group.closed_at && <GroupLink {...props} group={group} />}
      {room && leads(group, state.me.id) && <Members {...props} group={group} room={room} />}
    </aside>
  );
}

/** What clients come in by; selected when it was copied, so that one sees what. */
function GroupLink({ groups_at, group }: DeskProps & { group: Group }) {
  const field = useRef<HTMLInputElement>(null);
  const [copied, set_copied] = useState(false);
  const copy = () => {
    field.current?.select();
    set_copied(document.execCommand("copy"));
  };
  return (
    <div class="field">
      <label for="group-link">{tr("Link for clients")}</label>
      <input id="group-link" ref={field} readonly dir="ltr" value={`${groups_at}${group.code}`} />
      <div class="actions">
        <button type="button" class="button" onClick={copy}>
          {tr("Copy the link")}
        </button>
        <span class="soft" role="status">
          {copied && tr("Copied.")}
        </span>
      </div>
      <p class="hint">
        {tr("Whoever has it can come in and read everything. Give it to those you mean only.")}
      </p>
    </div>
  );
}

function Members({ state, group, room, actions }: DeskProps & { group: Group; room: RoomState }) {
  const closed = room.status === "closed";
  const line = ({ id, name, role }: Person) => (
    <li key={id}>
      <span>
        <bdi>{name}</bdi>{" "}
        {role !== "client" && <span class="soft">{id === state.me.id ? tr("you") : tr("consultant")}</span>}
      </span>
      {role === "client" && !closed && (
        <AskingButton
          class="link"
          question={tr(
            "Take {name} out of the group? They are told so kindly, and are not let in again from where they are.",
            { name: isolated(name) },
          )}
          yes={tr("Take out")}
          no={tr("Let them stay")}
          on_yes={() => actions.remove_from_group(group.room, id)}
        >
          {tr("Take out")}
          <span class="quiet">: {name}</span>
        </AskingButton>
      )}
    </li>
  );
  const clients = room.members.filter((one) => one.role === "client");
  return (
    <section class="group-members" aria-label={tr("Members")}>
      <h2>
        {tr("Members")} <span class="count">{room.members.length}</span>
      </h2>
      {clients.length === 0 && !closed && <p class="empty">{tr("No client is here yet.")}</p>}
      <ul>
        {room.members.filter((one) => one.role !== "client").map(line)}
        {clients.map(line)}
      </ul>
    </section>
  );
}
