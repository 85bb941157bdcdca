/** What can be done with the room in front: in go the state and a room, out come acts, which are its buttons and commands. Pure but for what they call. */

import { tr } from "../i18n/texts.ts";
import { group_of } from "../state/overview.ts";
import type { RoomState } from "../state/room.ts";
import type { DeskProps } from "./actions.ts";

export interface Act {
  id: string;
  name: string;
  kind?: "primary" | "danger";
  /** Seldom wanted: below "More". */
  rare?: boolean;
  run: () => void;
}

export function acts_of(props: DeskProps, room: RoomState): Act[] {
  if (room.gone) return [];
  return group_of(props.state, room.room) ? acts_of_group(props, room) : acts_of_chat(props, room);
}

function acts_of_chat({ state, actions }: DeskProps, { room, status }: RoomState): Act[] {
  const { list, me } = state;
  const entry = list.entries[room];
  const closed = status === "closed";
  const waits = entry?.status === "waiting";
  const mine = entry?.served_by?.id === me.id;
  const manager = me.role === "manager";
  const goes_on = !closed && !waits;
  const acts: (Act | false)[] = [
    !closed &&
      waits && { id: "claim", name: tr("Chat now"), kind: "primary", run: () => actions.claim(room) },
    goes_on &&
      !mine &&
      manager && { id: "take_over", name: tr("Take over"), run: () => actions.show_dialog("take_over") },
    goes_on && { id: "ask", name: tr("Ask in"), run: () => actions.show_dialog("ask") },
    goes_on &&
      (mine || manager) && { id: "over", name: tr("Hand over"), run: () => actions.show_dialog("over") },
    !closed && { id: "end", name: tr("End chat"), kind: "danger", run: () => actions.show_dialog("end") },
    goes_on && {
      id: "appointment",
      name: tr("Appointment"),
      rare: true,
      run: () => actions.show_dialog("appointment"),
    },
    !waits && {
      id: "block",
      name: closed ? tr("Block this client") : tr("End and block"),
      rare: true,
      run: () => actions.show_dialog("block"),
    },
  ];
  return acts.filter((one) => one !== false);
}

function acts_of_group({ state, actions }: DeskProps, { room, status }: RoomState): Act[] {
  const group = group_of(state, room);
  if (!group || status === "closed") return [];
  const { muted, leaders } = group;
  const acts: Act[] = [
    {
      id: "mute",
      name: muted ? tr("Let everybody write") : tr("Mute"),
      run: () => actions.mute_group(room, !muted),
    },
    { id: "ask", name: tr("Ask in"), run: () => actions.show_dialog("ask") },
    { id: "change", name: tr("Change"), run: () => actions.show_dialog("change") },
    { id: "end", name: tr("End the group"), kind: "danger", run: () => actions.show_dialog("end") },
  ];
  const leave: Act = { id: "leave", name: tr("Leave"), rare: true, run: () => actions.show_dialog("leave") };
  return leaders.length > 1 ? [...acts, leave] : acts;
}
