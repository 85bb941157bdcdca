/** A group's page: its screens, and its client over a server that may refuse, cut and take out. */

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { IdentityKeeper, type Storage } from "../src/client/identity.ts";
import { Group } from "../src/group/group.ts";
import {
  type GroupPageEvent,
  type GroupPageState,
  NEW_GROUP_PAGE,
  reduce_group_page,
} from "../src/state/group_page.ts";
import type { ShownGroup } from "../src/state/types.ts";
import { Store } from "../src/talk/store.ts";
import { FakeServer, memory, Refusal } from "./fake_server.ts";

const CODE = "7K3M-0000-0000-0000";
const SHOWN: ShownGroup = {
  name: "Evening",
  text: "Be kind.",
  opens_at: "2026-11-22T12:00:00.000Z",
  ends_at: "2026-11-22T14:00:00.000Z",
  most_clients: 3,
  clients: 1,
  open: true,
  ended: false,
};
const NOT_ALLOWED = "hotline.error.not_allowed";

/** What was asked without a session. */
const beacons: unknown[] = [];
beforeEach(() => {
  beacons.length = 0;
});

/** What the device keeps, beside the tab. */
const device = new Map<string, string>();

beforeEach(() => {
  vi.useFakeTimers();
  device.clear();
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => device.get(key) ?? null,
    setItem: (key: string, value: string) => void device.set(key, value),
    removeItem: (key: string) => void device.delete(key),
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function settle(milliseconds = 0): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds);
}

function serving(shown: Partial<ShownGroup> = {}) {
  const server = new FakeServer();
  const group = { ...SHOWN, ...shown };
  const { open: _, ended, ...facts } = group;
  const join = () => ({
    room: server.room,
    status: server.log.some((one) => one.kind === "closed") ? "closed" : "active",
    client: null,
    members: [{ id: "me", name: "Kim", role: "client" }],
    last_seq: server.log.length,
    seen: {},
    delivered: {},
    group: { ...facts, muted: false },
  });
  server.procedures.set("hotline.anteroom.describe", () => ({ organisation: "Help", service: "open" }));
  server.procedures.set("hotline.anteroom.group", () => group);
  server.procedures.set("hotline.anteroom.delete", () => ({}));
  server.procedures.set("hotline.anteroom.enter_group", ({ name }) => {
    if (name === "Robin") return new Refusal("hotline.error.invalid", { name: "is taken in this group" });
    server.tickets.set("me", "key");
    return { client: "me", room: server.room, key: "key" };
  });
  server.procedures.set("hotline.room.join", join);
  return { server, group, join };
}

function blocked(): never {
  throw new Error("blocked");
}

function visit(server: FakeServer, storage: Storage | null = null, code = CODE) {
  const store = new Store<GroupPageState, GroupPageEvent>(NEW_GROUP_PAGE, reduce_group_page);
  const parts = {
    realm: "help",
    store,
    keeper: new IdentityKeeper(`help.${code}`, () => storage ?? blocked()),
    open_socket: server.open,
    is_offline: () => false,
    is_looking: () => true,
    language: () => "en",
    beacon: (fields: object) => void beacons.push(fields),
  };
  const group = new Group(parts, code);
  group.start();
  return { store, group };
}

async function inside(server: FakeServer, storage: Storage | null = null) {
  const page = visit(server, storage);
  await settle();
  await page.group.enter({ name: "Kim", consent: false });
  await settle();
  expect(page.store.state.screen).toBe("room");
  return page;
}

function asked(server: FakeServer, procedure: string): unknown[] {
  return server.received.filter((one) => one[3] === procedure).map((one) => one[5]);
}

/** As when those who lead the group take somebody out: what was followed is followed no more. */
function expel(server: FakeServer): void {
  for (const socket of server.sockets) {
    for (const id of socket.topics.values()) socket.tell([35, 0, { subscription: id, reason: "x" }]);
    socket.topics.clear();
  }
}

describe("a group's page shows", () => {
  test.each<[string, Partial<ShownGroup>, string, string | null]>([
    ["a form when it is open", {}, "form", null],
    ["when it begins", { open: false }, "away", "not_yet"],
    ["that it is full", { clients: 3 }, "away", "full"],
    ["that it is over", { open: false, ended: true }, "away", "over"],
  ])("%s", async (_, shown, screen, reason) => {
    const { server } = serving(shown);
    const { store, group } = visit(server);
    await settle();
    expect(store.state).toMatchObject({ screen, reason });
    group.connection.stop();
  });

  test("that there is no such group, without asking again", async () => {
    const { server } = serving();
    server.procedures.set("hotline.anteroom.group", () => new Refusal("hotline.error.not_found"));
    for (const code of [CODE, ""]) {
      const { store, group } = visit(server, null, code);
      await settle(90_000);
      expect(store.state.screen).toBe("unknown");
      group.connection.stop();
    }
    expect(asked(server, "hotline.anteroom.group")).toEqual([{ code: CODE }]);
  });

  test("by itself that it has begun, or has a place", async () => {
    for (const [shown, later] of [
      [{ open: false }, { open: true }],
      [{ clients: 3 }, { clients: 2 }],
    ]) {
      const { server, group: facts } = serving(shown);
      const { store, group } = visit(server);
      await settle();
      expect(store.state.screen).toBe("away");
      Object.assign(facts, later);
      await settle(31_000);
      expect(store.state.screen).toBe("form");
      group.connection.stop();
    }
  });
});

describe("coming in", () => {
  test("says beside the name that it is taken, and keeps nothing on the device", async () => {
    const { server } = serving();
    const storage = memory();
    const { store, group } = visit(server, storage);
    await settle();
    await group.enter({ name: "Robin", consent: false });
    expect(Object.keys(store.state.problems)).toEqual(["name"]);
    await group.enter({ name: "Kim", consent: true });
    await settle();
    expect(store.state).toMatchObject({ screen: "room", problems: {}, room: { status: "active" } });
    expect(asked(server, "hotline.anteroom.enter_group").at(-1)).toMatchObject({
      code: CODE,
      name: "Kim",
      consent: true,
      language: "en",
      device: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    expect([...storage.values.keys()]).toEqual([`hotline.help.${CODE}`]);
    expect(device.size).toBe(0);
    group.connection.stop();
  });

  test.each<[string, Refusal, string, string]>([
    ["not begun", new Refusal(NOT_ALLOWED, { reason: "not_yet" }), "not_yet", ""],
    ["full", new Refusal(NOT_ALLOWED, { reason: "full" }), "full", ""],
    ["removed before", new Refusal(NOT_ALLOWED, { reason: "removed" }), "removed", ""],
    ["blocked", new Refusal(NOT_ALLOWED, { reason: "blocked", until: "x" }), "blocked", "x"],
    ["over", new Refusal("hotline.error.room_closed"), "over", ""],
  ])("is refused: %s", async (_, refusal, reason, until) => {
    const { server } = serving();
    server.procedures.set("hotline.anteroom.enter_group", () => refusal);
    const { store, group } = visit(server);
    await settle();
    await group.enter({ name: "Kim", consent: false });
    expect(store.state).toMatchObject({ screen: "away", reason, until, awaited: false });
    group.connection.stop();
  });
});

describe("in the group", () => {
  test("a cut and a reload cost nothing", async () => {
    const { server } = serving();
    const storage = memory();
    const first = await inside(server, storage);
    server.cut();
    first.group.say("still here");
    await settle(2_000);
    expect(server.log.map((one) => one.text)).toEqual(["still here"]);
    first.group.connection.stop();
    const second = visit(server, storage);
    await settle();
    expect(second.store.state.screen).toBe("room");
    expect(second.store.state.room?.messages.map((one) => one.text)).toEqual(["still here"]);
    second.group.connection.stop();
  });

  test("others come and go without an end of it", async () => {
    const { server } = serving();
    const { store, group } = await inside(server);
    server.add("", "robin", "entered", null, "client");
    server.add("", "robin", "left", null, "client");
    await settle();
    expect(store.state).toMatchObject({ screen: "room", room: { status: "active" } });
    server.add("", "lee", "closed");
    await settle();
    expect(store.state).toMatchObject({ screen: "room", room: { status: "closed" } });
    group.connection.stop();
  });

  test("what cannot be said says why while it is muted", async () => {
    const { server } = serving();
    const { store, group } = await inside(server);
    server.add("", "lee", "muted");
    await settle();
    server.refusals.push(new Refusal(NOT_ALLOWED, { reason: "muted" }));
    group.say("One more thing");
    await settle();
    expect(store.state.room?.pending).toMatchObject([
      { status: "failed", reason: "For a while only those who lead the group can write." },
    ]);
    group.connection.stop();
  });

  test("what it says of itself is looked up when it has changed", async () => {
    const { server, join } = serving();
    const { store, group } = await inside(server);
    server.procedures.set("hotline.room.join", () => {
      const joined = join();
      return { ...joined, group: { ...joined.group, name: "Night" } };
    });
    server.add("", "lee", "changed");
    await settle();
    expect(store.state.room?.group?.name).toBe("Night");
    expect(asked(server, "hotline.room.join")).toHaveLength(2);
    group.connection.stop();
  });

  test("who is taken out is told so, stays out, and can delete what they said", async () => {
    const { server } = serving();
    const storage = memory();
    const { store, group } = await inside(server, storage);
    const { device: word } = asked(server, "hotline.anteroom.enter_group")[0] as { device: string };
    server.procedures.set("hotline.room.join", () => new Refusal(NOT_ALLOWED, { reason: "removed" }));
    expel(server);
    await settle();
    expect(store.state).toMatchObject({ screen: "away", reason: "removed" });
    expect([...device]).toEqual([[`hotline.help.${CODE}.device`, word]]);
    group.connection.stop();

    const again = visit(server, storage);
    await settle(31_000);
    expect(again.store.state).toMatchObject({ screen: "away", reason: "removed" });
    await again.group.delete_said();
    expect(asked(server, "hotline.anteroom.delete")).toEqual([{ room: server.room }]);
    expect(again.store.state).toMatchObject({ screen: "away", reason: "removed", deleted: true, room: null });
    expect(storage.values.size).toBe(0);
    again.group.connection.stop();

    const new_tab = visit(server);
    await settle();
    await new_tab.group.enter({ name: "Sam", consent: false });
    expect(asked(server, "hotline.anteroom.enter_group").at(-1)).toMatchObject({ device: word });
    new_tab.group.connection.stop();
  });

  test("the device has no name any more when the group is over", async () => {
    const { server } = serving({ open: false, ended: true });
    device.set(`hotline.help.${CODE}.device`, "word");
    const { group } = visit(server);
    await settle();
    expect(device.size).toBe(0);
    group.connection.stop();
  });

  test("who was away for too long comes in again, or waits for a place", async () => {
    const { server, group: facts, join } = serving();
    const { store, group } = await inside(server);
    facts.clients = 3;
    server.procedures.set("hotline.room.join", () => new Refusal(NOT_ALLOWED, { reason: "full" }));
    server.cut();
    await settle(2_000);
    expect(store.state).toMatchObject({ screen: "away", reason: "full" });
    facts.clients = 2;
    server.procedures.set("hotline.room.join", join);
    await settle(31_000);
    expect(store.state.screen).toBe("room");
    group.connection.stop();
  });
});

describe("leaving", () => {
  test("forgets the key in the tab, and allows to come back as the same one", async () => {
    const { server } = serving();
    const storage = memory();
    const { store, group } = await inside(server, storage);
    await group.leave();
    expect(store.state.screen).toBe("ended");
    expect(asked(server, "hotline.room.leave")).toEqual([{ room: server.room, quickly: false }]);
    expect(storage.values.size).toBe(0);
    server.cut();
    await settle(2_000);
    expect(store.state).toMatchObject({ screen: "ended", link: { status: "connected" } });
    group.come_back();
    await settle();
    expect(store.state).toMatchObject({ screen: "room", room: { ready: true } });
    expect(storage.values.size).toBe(1);
    group.connection.stop();
  });

  test("in another window is leaving, too", async () => {
    const { server } = serving();
    const { store, group } = await inside(server);
    server.add("", "me", "left", null, "client");
    expel(server);
    await settle();
    expect(store.state.screen).toBe("ended");
    expect(asked(server, "hotline.room.join")).toHaveLength(1);
    group.connection.stop();
  });

  test("quickly: the server hears of it, and nothing is kept", async () => {
    const { server } = serving();
    const storage = memory();
    const { store, group } = await inside(server, storage);
    await group.leave(true);
    expect(asked(server, "hotline.room.leave")).toEqual([{ room: server.room, quickly: true }]);
    expect(store.state.link.status).toBe("stopped");
    expect(storage.values.size).toBe(0);
    group.come_back();
    expect(store.state.screen).toBe("ended");
  });

  test("by deleting what one said is no being taken out; whoever wants to comes in as somebody new", async () => {
    const { server } = serving();
    const storage = memory();
    const { store, group } = await inside(server, storage);
    server.procedures.set("hotline.anteroom.delete", () => {
      expel(server);
      server.procedures.set("hotline.room.join", () => new Refusal("hotline.error.not_found"));
      return {};
    });
    await group.delete_said();
    await settle();
    expect(store.state).toMatchObject({ screen: "form", deleted: true, lost: false, room: null });
    expect(storage.values.size).toBe(0);
    await group.enter({ name: "Sam", consent: false });
    expect(store.state.deleted).toBe(false);
    group.connection.stop();
  });

  test("a key that is good no more leads back to the form, with a word", async () => {
    const { server } = serving();
    const storage = memory();
    storage.setItem(`hotline.help.${CODE}`, JSON.stringify({ client: "old", room: "old", key: "old" }));
    const { store, group } = visit(server, storage);
    await settle();
    expect(store.state).toMatchObject({ screen: "form", lost: true });
    group.connection.stop();
  });
});
