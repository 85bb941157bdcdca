/** What one can do from the keyboard by its name: in go the state and the actions, out come commands. Pure but for what they call. */

import { tr } from "../i18n/texts.ts";
import { left_entries, waiting_entries } from "../state/clientlist.ts";
import type { Presence } from "../state/desk_types.ts";
import { leads, may_write, name_of_room, open_groups } from "../state/overview.ts";
import type { DeskProps } from "./actions.ts";
import { presence_name } from "./words.ts";

export interface Command {
  name: string;
  run: () => void;
}

const PRESENCES: Presence[] = ["here", "busy", "away"];

export function commands_of({ state, actions }: DeskProps): Command[] {
  const { list, tabs, standing, presence } = state;
  const commands: Command[] = [];
  for (const room of tabs) {
    const name = name_of_room(state, room);
    commands.push({ name: tr("Open chat with {name}", { name }), run: () => actions.choose(room) });
  }
  for (const { room, name } of waiting_entries(list)) {
    commands.push({ name: tr("Chat now with {name}", { name }), run: () => actions.claim(room) });
  }
  for (const { room, name } of left_entries(list)) {
    commands.push({ name: tr("Answer the message of {name}", { name }), run: () => actions.claim(room) });
  }
  for (const group of open_groups(state)) {
    const { room, name } = group;
    if (tabs.includes(room) || !(leads(group, state.me.id) || state.me.role === "manager")) continue;
    commands.push({ name: tr("Go into the group {name}", { name }), run: () => actions.join(room) });
  }
  commands.push({ name: tr("Open a group"), run: () => actions.show_dialog("group") });
  for (const one of PRESENCES) {
    if (one === presence) continue;
    commands.push({
      name: `${tr("I am")}: ${presence_name(one)}`,
      run: () => actions.set_presence(one),
    });
  }
  if (standing?.intake === "scheduled") {
    commands.push({
      name: tr("Pause: no new clients for a while"),
      run: () => actions.set_intake("paused"),
    });
  }
  if (standing?.intake === "paused") {
    commands.push({ name: tr("Take new clients again"), run: () => actions.set_intake("scheduled") });
  }
  if (may_write(state)) {
    commands.push({ name: tr("Ready answers"), run: () => actions.show_dialog("answers") });
    commands.push({ name: tr("Referrals"), run: () => actions.show_dialog("referrals") });
  }
  commands.push({ name: tr("Blocked clients"), run: () => actions.show_dialog("blocks") });
  commands.push({ name: tr("Signals and keys"), run: () => actions.show_dialog("settings") });
  return commands;
}

/** Those in whose name all words of the text begin somewhere. */
export function matching(commands: Command[], text: string): Command[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return commands.filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)));
}
