/** What one can do from the keyboard by its name: in go the state and the actions, out come commands. Pure but for what they call. */

import { tr } from "../i18n/texts.ts";
import { THEMES } from "../look/theme.ts";
import { left_entries, served_entries, waiting_entries } from "../state/clientlist.ts";
import { leads, may_write, name_of_room, open_groups } from "../state/overview.ts";
import type { DeskProps } from "./actions.ts";
import { acts_of } from "./acts.ts";
import { waiting_time } from "./waiting.ts";
import { intake_choices, PRESENCES, pages_of, presence_name, theme_name } from "./words.ts";

export interface Command {
  /** Two clients can have one name. */
  id: string;
  name: string;
  /** What tells it from others of the same name. */
  facts?: string;
  /** What does the same. */
  keys?: string;
  run: () => void;
}

export function commands_of(props: DeskProps): Command[] {
  return [...of_rooms(props), ...of_list(props), ...of_groups(props), ...of_desk(props), ...of_pages(props)];
}

/** Tabs, and what can be done with the room in front. */
function of_rooms(props: DeskProps): Command[] {
  const { state, actions } = props;
  const { tabs, rooms, active } = state;
  const commands: Command[] = tabs.map((room, index) => ({
    id: `open ${room}`,
    name: tr("Open chat with {name}", { name: name_of_room(state, room) }),
    ...(index < 9 && { keys: `Alt ${index + 1}` }),
    run: () => actions.choose(room),
  }));
  const front = active === null ? undefined : rooms[active];
  if (!front) return commands;
  const { room } = front;
  const name = name_of_room(state, room);
  for (const { id, name: what, run } of acts_of(props, front)) {
    if (id !== "claim") commands.push({ id, name: `${what}: ${name}`, run });
  }
  if (may_write(state)) {
    commands.push(
      { id: "answers", name: tr("Ready answers"), keys: "Ctrl /", run: () => actions.show_dialog("answers") },
      { id: "referrals", name: tr("Referrals"), run: () => actions.show_dialog("referrals") },
    );
  }
  commands.push({
    id: "close",
    name: tr("Close the tab of {name}", { name }),
    run: () => actions.close_tab(room),
  });
  return commands;
}

/** What the buttons of the clientlist do, and below it. */
function of_list({ state, now, actions }: DeskProps): Command[] {
  const { list, me, rooms, records } = state;
  const commands: Command[] = [];
  const waiting = waiting_entries(list);
  for (const { room, name, since } of waiting) {
    const facts = tr("waiting {time}", { time: waiting_time(since, now) });
    commands.push({
      id: `claim ${room}`,
      name: tr("Chat now with {name}", { name }),
      facts,
      run: () => actions.claim(room),
    });
  }
  for (const { room, name } of left_entries(list)) {
    commands.push({
      id: `claim ${room}`,
      name: tr("Answer the message of {name}", { name }),
      run: () => actions.claim(room),
    });
  }
  for (const { room, name, asked, served_by } of served_entries(list, me.id)) {
    const inside = served_by?.id === me.id || (rooms[room] && !rooms[room].gone);
    const is_asked = asked?.includes(me.id);
    if (is_asked && !inside) {
      commands.push({
        id: `join ${room}`,
        name: tr("Come in: chat with {name}", { name }),
        run: () => actions.join(room),
      });
    }
    if (is_asked) {
      commands.push({
        id: `decline ${room}`,
        name: tr("Decline: chat with {name}", { name }),
        run: () => actions.decline(room),
      });
    }
    if (!inside && !is_asked && me.role === "manager") {
      commands.push({
        id: `join ${room}`,
        name: tr("Join the chat of {name}", { name }),
        run: () => actions.join(room),
      });
    }
  }
  for (const { room, name, priority } of waiting) {
    const what = priority ? tr("Not urgent any more") : tr("Urgent: goes first");
    commands.push({
      id: `urgent ${room}`,
      name: `${what}: ${name}`,
      run: () => actions.set_priority(room, priority ? 0 : 1),
    });
  }
  for (const { room, name } of Object.values(list.entries)) {
    commands.push({
      id: `profile ${room}`,
      name: tr("Profile of {name}", { name }),
      run: () => actions.show_profile(room),
    });
  }
  for (const { room, name } of records.missing) {
    commands.push({
      id: `record ${room}`,
      name: tr("Write the record of {name}", { name }),
      run: () => actions.open(room),
    });
  }
  commands.push({ id: "ended", name: tr("Ended chats"), run: () => actions.show_ended() });
  return commands;
}

function of_groups({ state, actions }: DeskProps): Command[] {
  const { me, tabs } = state;
  const commands: Command[] = [];
  for (const group of open_groups(state)) {
    const { room, name, asked } = group;
    const may_join = leads(group, me.id) || asked.includes(me.id) || me.role === "manager";
    if (!tabs.includes(room) && may_join) {
      const run = () => (leads(group, me.id) ? actions.open(room) : actions.join(room));
      commands.push({ id: `join ${room}`, name: tr("Go into the group {name}", { name }), run });
    }
    if (asked.includes(me.id)) {
      commands.push({
        id: `decline ${room}`,
        name: tr("Decline: group {name}", { name }),
        run: () => actions.decline(room),
      });
    }
  }
  commands.push({ id: "group", name: tr("Open a group"), run: () => actions.show_dialog("group") });
  return commands;
}

function of_desk({ state, actions }: DeskProps): Command[] {
  const { standing, presence, me, settings } = state;
  const commands: Command[] = [];
  for (const one of PRESENCES) {
    if (one === presence) continue;
    commands.push({
      id: `presence ${one}`,
      name: `${tr("I am")}: ${presence_name(one)}`,
      run: () => actions.set_presence(one),
    });
  }
  for (const [intake, name] of standing ? intake_choices(standing, me) : []) {
    commands.push({ id: `intake ${intake}`, name, run: () => actions.set_intake(intake) });
  }
  commands.push(
    { id: "blocks", name: tr("Blocked clients"), run: () => actions.show_dialog("blocks") },
    { id: "settings", name: tr("Signals and keys"), keys: "?", run: () => actions.show_dialog("settings") },
  );
  for (const theme of THEMES) {
    if (theme === settings.theme) continue;
    commands.push({
      id: `theme ${theme}`,
      name: `${tr("Look")}: ${theme_name(theme)}`,
      run: () => actions.change_settings({ theme }),
    });
  }
  return commands;
}

function of_pages({ state, actions }: DeskProps): Command[] {
  const pages = pages_of(state.me).map(([path, name]) => ({
    id: path,
    name: `${tr("Page")}: ${name}`,
    run: () => actions.go(path),
  }));
  return [...pages, { id: "log out", name: tr("Log out"), run: () => actions.log_out() }];
}

/** Those in whose name all words of the text begin somewhere. */
export function matching(commands: Command[], text: string): Command[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return commands.filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)));
}
