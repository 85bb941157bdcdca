import { expect, test } from "vitest";
import type { DeskProps } from "../src/console/actions.ts";
import { commands_of, matching } from "../src/console/commands.ts";
import { type ConsoleState, new_console, reduce_console } from "../src/state/console.ts";
import type { Entry } from "../src/state/desk_types.ts";
import type { Role } from "../src/state/types.ts";

const entry = (room: string, name: string, change: Partial<Entry> = {}): Entry => ({
  room,
  name,
  status: "waiting",
  since: "2026-11-22T11:55:00.000Z",
  position: 1,
  served_by: null,
  unread: 0,
  present: true,
  ...change,
});

/** The desk with these clients; what was called is written down. */
function desk(entries: Entry[], role: Role = "manager", active?: string) {
  let state: ConsoleState = new_console({ id: "me", name: "Me", role });
  state = reduce_console(state, { type: "list", event: { type: "fetched", entries } });
  if (active) state = reduce_console(state, { type: "opened", room: active, front: true });
  const standing = { intake: "scheduled", service: "open", opens_at: null, closes_at: null } as const;
  state = reduce_console(state, { type: "standing", standing });
  const called: unknown[] = [];
  const actions = new Proxy(
    {},
    {
      get:
        (_, name) =>
        (...given: unknown[]) =>
          called.push([name, ...given]),
    },
  );
  const props = { state, now: new Date("2026-11-22T12:00:00Z"), actions } as unknown as DeskProps;
  return { commands: commands_of(props), called };
}

test("a command is found by the beginnings and middles of its words, in any order", () => {
  const commands = ["Open chat with Kim", "Chat now with Kim", "I am: Away"].map((name) => ({
    id: name,
    name,
    run: () => {},
  }));
  const found = (text: string) => matching(commands, text).map((one) => one.name);
  expect(found("kim chat")).toEqual(["Open chat with Kim", "Chat now with Kim"]);
  expect(found(" NOW ")).toEqual(["Chat now with Kim"]);
  expect(found("")).toHaveLength(3);
  expect(found("robin")).toEqual([]);
});

test("two clients of one name are two commands, told apart by how long they wait", () => {
  const { commands, called } = desk([
    entry("a", "Anna"),
    entry("b", "Anna", { since: "2026-11-22T11:58:00.000Z" }),
  ]);
  const found = matching(commands, "chat now anna");
  expect(found.map((one) => one.facts)).toEqual(["waiting 5 min", "waiting 2 min"]);
  expect(new Set(commands.map((one) => one.id)).size).toBe(commands.length);
  found[1]?.run();
  expect(called).toEqual([["claim", "b"]]);
});

test("what the buttons of the room in front do, commands do", () => {
  const mine = entry("a", "Kim", { status: "active", served_by: { id: "me", name: "Me" } });
  const { commands, called } = desk([mine], "staff", "a");
  const all = ["Ask in", "Hand over", "End chat", "Appointment", "End and block"];
  const found = matching(commands, ": kim");
  expect(found.map((one) => one.name)).toEqual(all.map((name) => `${name}: Kim`));
  for (const one of found) one.run();
  expect(called).toEqual(["ask", "over", "end", "appointment", "block"].map((one) => ["show_dialog", one]));
  const others = { ...mine, served_by: { id: "ben", name: "Ben" } };
  expect(matching(desk([others], "staff", "a").commands, "take over")).toEqual([]);
  expect(matching(desk([others], "manager", "a").commands, "take over")).toHaveLength(1);
});

test("the desk's own buttons are commands too, with their keys", () => {
  const names = (role: Role) => desk([entry("a", "Kim", { asked: ["me"], status: "active" })], role).commands;
  const staff = names("staff").map((one) => one.name);
  for (const name of [
    "Come in: chat with Kim",
    "Decline: chat with Kim",
    "Ended chats",
    "Look: Dark",
    "Log out",
  ])
    expect(staff).toContain(name);
  const only = names("manager").filter((one) => !staff.includes(one.name));
  expect(only.map((one) => one.name)).toEqual([
    "Close until further notice",
    "Page: Invite",
    "Page: Organisation",
  ]);
  expect(names("staff").find((one) => one.name === "Signals and keys")?.keys).toBe("?");
});
