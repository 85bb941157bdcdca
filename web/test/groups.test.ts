import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { commands_of } from "../src/console/commands.ts";
import { Desk } from "../src/console/desk.ts";
import { type ConsoleEvent, type ConsoleState, new_console, reduce_console } from "../src/state/console.ts";
import type { Group } from "../src/state/desk_types.ts";
import { attention, name_of_room, open_groups } from "../src/state/overview.ts";
import type { Role } from "../src/state/types.ts";
import { Store } from "../src/talk/store.ts";
import { FakeServer, Refusal } from "./fake_server.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const settle = (ms = 0) => vi.advanceTimersByTimeAsync(ms);

const GROUP: Group = {
  room: "room1",
  code: "0123-4567-89AB-CDEF",
  name: "Evening",
  text: "",
  opens_at: "2026-11-22T12:00:00.000Z",
  ends_at: "2026-11-22T14:00:00.000Z",
  most_clients: 12,
  clients: 0,
  muted: false,
  listed: false,
  leaders: [{ id: "ben", name: "Ben" }],
  asked: [],
  closed_at: null,
};
const MINE: Group = { ...GROUP, leaders: [{ id: "me", name: "Me" }] };

function sit_down(groups: Group[], role: Role = "staff") {
  const server = new FakeServer();
  const me = { id: "me", name: "Me", role };
  let list = groups;
  const profiles: string[] = [];
  const answers: Record<string, (kwargs: Record<string, unknown>) => unknown> = {
    "hotline.me.get": () => ({ ...me, presence: "here" }),
    "hotline.clientlist.get": () => [],
    "hotline.staff.list": () => [],
    "hotline.group.list": () => list,
    "hotline.group.open": () => MINE,
    "hotline.room.profile": ({ room }) => {
      profiles.push(String(room));
      return new Refusal("hotline.error.not_found");
    },
    "hotline.room.join": () => ({
      room: "room1",
      status: "active",
      client: null,
      members: [me],
      last_seq: server.log.length,
      seen: {},
      delivered: {},
      group: GROUP,
    }),
  };
  for (const [name, answer] of Object.entries(answers)) server.procedures.set(name, answer);
  const store = new Store<ConsoleState, ConsoleEvent>(new_console(me), reduce_console);
  const kept = { tabs: ["room1"], active: "room1" };
  const desk = new Desk({
    store,
    tabs: { read: () => (groups.includes(MINE) ? kept : { tabs: [], active: null }), write: () => {} },
    fetch_login: async () => ({ realm: "help" }),
    open_socket: server.open,
    is_offline: () => false,
    is_visible: () => true,
    leave: () => {},
  });
  const change = (next: Group[]) => {
    list = next;
    server.event("hotline.groups", [], { groups: next.length });
    return settle(1_000);
  };
  const sent = (procedure: string) => server.received.filter((one) => one[3] === procedure);
  return { server, store, desk, change, profiles, sent };
}

describe("groups at the desk", () => {
  test("one that is opened has a tab at once, and no profile is asked for", async () => {
    const { store, desk, profiles, sent } = sit_down([]);
    desk.start();
    await settle();
    expect(await desk.groups.open({ name: "Evening" })).toBe("");
    await settle();
    expect(store.state).toMatchObject({ active: "room1", tabs: ["room1"] });
    expect(store.state.rooms.room1?.group?.name).toBe("Evening");
    expect(name_of_room(store.state, "room1")).toBe("Evening");
    expect(profiles).toEqual([]);
    expect(sent("hotline.group.open")).toHaveLength(1);
    desk.connection.stop();
  });

  test("a tab of before the reload is a group's again", async () => {
    const { store, desk, profiles } = sit_down([MINE]);
    desk.start();
    await settle();
    expect(store.state.tabs).toEqual(["room1"]);
    expect(profiles).toEqual([]);
    desk.connection.stop();
  });

  test("what is wrong with one is said where it is typed", async () => {
    const { server, desk, store } = sit_down([]);
    desk.start();
    await settle();
    const limit = { reason: "limit", limit: 20 };
    server.procedures.set("hotline.group.open", () => new Refusal("hotline.error.not_allowed", limit));
    expect(await desk.groups.open({})).toBe("No more than 20 groups at once. One has to end first.");
    server.procedures.set("hotline.group.set", () => new Refusal("hotline.error.invalid", { ends_at: "no" }));
    expect(await desk.groups.change("room1", {})).toBe("This cannot be accepted: ends_at no.");
    expect(store.state.notice).toBe("");
    desk.connection.stop();
  });

  test("being asked into one is told once, and counts as something to do", async () => {
    const { desk, store, change } = sit_down([GROUP]);
    desk.start();
    await settle();
    expect(attention(store.state)).toBe(0);
    await change([{ ...GROUP, asked: ["me"] }]);
    expect(store.state.notice).toBe("You are asked into the group Evening.");
    expect(attention(store.state)).toBe(1);
    store.dispatch({ type: "noticed", notice: "" });
    await change([{ ...GROUP, asked: ["me"], clients: 1 }]);
    expect(store.state.notice).toBe("");
    await change([{ ...GROUP, asked: ["me"], closed_at: GROUP.ends_at }]);
    expect(attention(store.state)).toBe(0);
    expect(open_groups(store.state)).toEqual([]);
    desk.connection.stop();
  });

  test("a client who leaves does not end it; whoever leads may leave, and the tab is gone", async () => {
    const { server, desk, store } = sit_down([MINE]);
    desk.start();
    await settle();
    server.add("x left.", "robin", "left");
    await settle();
    expect(store.state.rooms.room1?.status).toBe("active");
    await desk.groups.leave("room1");
    expect(store.state.tabs).toEqual([]);
    desk.connection.stop();
  });

  test("is found by its name by whoever may go in", async () => {
    for (const [role, group, found] of [
      ["staff", GROUP, false],
      ["manager", GROUP, true],
    ] as const) {
      const { desk, store } = sit_down([group], role);
      desk.start();
      await settle();
      const props = { state: store.state, actions: {} } as unknown as Parameters<typeof commands_of>[0];
      const names = commands_of(props).map((one) => one.name);
      expect(names.includes("Go into the group Evening")).toBe(found);
      expect(names).toContain("Open a group");
      desk.connection.stop();
    }
  });
});
