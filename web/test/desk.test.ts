import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { TabKeeper } from "../src/console/chats.ts";
import { ANOTHER, Desk, FORBIDDEN, LOGGED_OUT } from "../src/console/desk.ts";
import { type ConsoleEvent, type ConsoleState, new_console, reduce_console } from "../src/state/console.ts";
import type { Entry } from "../src/state/desk_types.ts";
import { attention } from "../src/state/overview.ts";
import { Store } from "../src/talk/store.ts";
import { type Kwargs, type Login, WampError } from "../src/wamp/session.ts";
import { FakeServer, type Procedure, Refusal } from "./fake_server.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const settle = (ms = 0) => vi.advanceTimersByTimeAsync(ms);

const ENTRY: Entry = {
  room: "room1",
  name: "Kim",
  status: "waiting",
  since: "2026-11-22T12:00:00.000Z",
  position: 1,
  served_by: null,
  unread: 0,
  present: true,
};
const MINE: Entry = { ...ENTRY, status: "active", position: null, served_by: { id: "me", name: "Me" } };

function sit_down(
  entries: Entry[],
  kept: { tabs: string[]; active: string | null } = { tabs: [], active: null },
) {
  const server = new FakeServer();
  let list = entries;
  const answers: Record<string, () => unknown> = {
    "hotline.me.get": () => ({ id: "me", name: "Me", role: "staff", presence: "here" }),
    "hotline.clientlist.get": () => list,
    "hotline.staff.list": () => [{ id: "ben", name: "Ben", role: "staff", presence: "here", rooms: 0 }],
    "hotline.room.profile": () => ({ name: "Kim", language: null, answers: {}, entered_at: ENTRY.since }),
    "hotline.me.set_presence": () => new Refusal("hotline.error.invalid", { presence: "no" }),
    "hotline.room.transfer": () => ({ served_by: { id: "ben", name: "Ben" } }),
  };
  for (const [name, answer] of Object.entries(answers)) server.procedures.set(name, answer);
  server.procedures.set("hotline.room.claim", (kwargs, link) =>
    server.procedures.get("hotline.room.join")?.(kwargs, link),
  );
  const store = new Store<ConsoleState, ConsoleEvent>(
    new_console({ id: "me", name: "Me", role: "staff" }),
    reduce_console,
  );
  const tabs: TabKeeper = { read: () => kept, write: () => {} };
  /** What happened outside, and why a login is refused, if it is. */
  const outside = { logins: 0, left: [] as string[], refusal: "" };
  const desk = new Desk({
    store,
    tabs,
    fetch_login: async (): Promise<Login> => {
      outside.logins += 1;
      if (outside.refusal) throw new WampError(outside.refusal);
      return { realm: "help" };
    },
    open_socket: server.open,
    is_offline: () => false,
    is_visible: () => true,
    leave: (to) => {
      outside.left.push(to);
    },
  });
  const change = (what: string, room: Entry) => {
    list = what === "removed" ? [] : [room];
    server.event("hotline.clientlist", [], { change: what, room });
  };
  return { server, store, desk, outside, change };
}

describe("the desk", () => {
  test("shows who waits, and talks after a claim", async () => {
    const { server, store, desk, change } = sit_down([]);
    desk.start();
    await settle();
    change("added", ENTRY);
    await settle();
    expect(Object.keys(store.state.list.entries)).toEqual(["room1"]);
    await desk.handing.claim("room1");
    await settle();
    desk.chats.say("room1", "Hello");
    await settle();
    expect(store.state).toMatchObject({ active: "room1", column: "room", profile_of: "room1" });
    expect(server.log.map((one) => one.text)).toEqual(["Hello"]);
    expect(store.state.profiles.room1?.name).toBe("Kim");
    desk.connection.stop();
  });

  test("fetches a long list page by page", async () => {
    const many = Array.from({ length: 450 }, (_, number) => ({ ...ENTRY, room: `room${1000 + number}` }));
    const { server, store, desk } = sit_down([]);
    server.procedures.set("hotline.clientlist.get", ({ after, limit }) =>
      many.filter(({ room }) => room > String(after ?? "")).slice(0, Number(limit)),
    );
    desk.start();
    await settle();
    expect(Object.keys(store.state.list.entries)).toEqual(many.map(({ room }) => room));
    desk.connection.stop();
  });

  test("counts blocks to agree to, looks at them anew while they are shown, and says what a block became", async () => {
    const { server, store, desk } = sit_down([MINE]);
    const block = { id: "b", name: "Kim", reason: "insults", wanted_until: ENTRY.since };
    let blocks = [block];
    server.procedures.set("hotline.blocks.list", () => ({ blocks, more: false }));
    server.procedures.set("hotline.room.block", ({ hours }) => ({
      ...block,
      wanted_until: Number(hours) > 1 ? ENTRY.since : null,
    }));
    desk.start();
    await settle();
    expect(store.state.blocks).toMatchObject({ list: [block], unagreed: 1 });
    await desk.blocks.block("room1", 3, "insults");
    expect(store.state.notice).toBe("Blocked for one hour. A colleague has to agree to more.");
    await desk.blocks.block("room1", 1, "insults");
    expect(store.state.notice).toBe("The client is blocked.");
    blocks = [];
    server.event("hotline.blocks", [], { blocks: 0, unagreed: 0 });
    await settle();
    expect(store.state.blocks).toMatchObject({ list: [block], unagreed: 0 });
    store.dispatch({ type: "dialog", dialog: "blocks" });
    server.event("hotline.blocks", [], { blocks: 0, unagreed: 0 });
    await settle();
    expect(store.state.blocks.list).toEqual([]);
    desk.connection.stop();
  });

  test("tells who was faster", async () => {
    const { server, store, desk } = sit_down([ENTRY]);
    server.procedures.set(
      "hotline.room.claim",
      () => new Refusal("hotline.error.already_claimed", { by: { id: "ben", name: "Ben" } }),
    );
    desk.start();
    await settle();
    await desk.handing.claim("room1");
    expect(store.state.notice).toBe("Ben is already talking with this client.");
    expect(store.state.tabs).toEqual([]);
    expect(store.state.busy).toEqual({});
    desk.connection.stop();
  });

  test("after a reload has the tabs of before and the rooms it serves", async () => {
    const { store, desk } = sit_down([MINE], { tabs: ["other", "room1"], active: "room1" });
    desk.start();
    await settle();
    expect(store.state.tabs).toEqual(["other", "room1"]);
    expect(store.state.active).toBe("room1");
    desk.connection.stop();
  });

  test("forgets tabs of rooms that are gone", async () => {
    const { server, store, desk } = sit_down([], { tabs: ["old"], active: "old" });
    server.procedures.set("hotline.room.join", () => new Refusal("hotline.error.not_found"));
    desk.start();
    await settle();
    expect(store.state.tabs).toEqual([]);
    desk.connection.stop();
  });

  test("opens what is handed over to it, behind what is in front", async () => {
    const { store, desk, change } = sit_down([{ ...MINE, served_by: { id: "ben", name: "Ben" } }]);
    desk.start();
    await settle();
    expect(store.state.tabs).toEqual([]);
    change("updated", MINE);
    await settle();
    expect(store.state.tabs).toEqual(["room1"]);
    expect(store.state.notice).toBe("Kim was handed over to you.");
    desk.chats.close_tab("room1");
    change("updated", { ...MINE, unread: 1 });
    await settle();
    expect(store.state.tabs).toEqual([]);
    desk.connection.stop();
  });

  test("listens on in a room it serves when the tab is closed, until the room is somebody else's", async () => {
    const { server, store, desk, change } = sit_down([MINE]);
    desk.start();
    await settle();
    desk.chats.close_tab("room1");
    expect(store.state.tabs).toEqual([]);
    expect(store.state.rooms.room1?.ready).toBe(true);
    server.cut();
    await settle(60_000);
    expect(desk.connection.session).not.toBeNull();
    expect(store.state.rooms.room1?.ready).toBe(true);
    change("updated", { ...MINE, served_by: { id: "ben", name: "Ben" } });
    await settle();
    expect(store.state.rooms).toEqual({});
    desk.connection.stop();
  });

  test("whoever writes to somebody while a claim is on its way goes on writing to them", async () => {
    const { store, desk } = sit_down([MINE, { ...ENTRY, room: "room2", name: "Alex" }]);
    desk.start();
    await settle();
    expect(store.state.active).toBe("room1");
    const claimed = desk.handing.claim("room2");
    desk.chats.types("room1", "I am");
    await settle();
    await claimed;
    expect(store.state).toMatchObject({ active: "room1", tabs: ["room1", "room2"] });
    expect(store.state.notice).toBe("Alex is with you from now on.");
    desk.connection.stop();
  });

  test("a room that was lost is entered anew when it is taken or handed back, in the tab it has", async () => {
    const { server, store, desk, change } = sit_down([MINE]);
    const join = server.procedures.get("hotline.room.join") as Procedure;
    const taken = (by: string) => change("updated", { ...MINE, served_by: { id: by, name: by } });
    desk.start();
    await settle();
    server.procedures.set("hotline.room.join", () => new Refusal("hotline.error.not_allowed"));
    server.cut();
    await settle(2000);
    expect(store.state.rooms.room1?.gone).toBe("You are not in this conversation any more.");
    change("updated", ENTRY);
    server.procedures.set("hotline.room.join", join);
    await desk.handing.claim("room1");
    await settle();
    desk.chats.say("room1", "Here again");
    await settle();
    expect(store.state.rooms.room1?.gone).toBeNull();
    expect(server.log.map((one) => one.text)).toEqual(["Here again"]);
    taken("me");
    taken("ben");
    server.revoke("hotline.room.room1");
    await settle();
    expect(store.state.rooms.room1?.gone).toContain("not in this conversation");
    server.add("While I was not");
    taken("me");
    await settle();
    expect(store.state.notice).toBe("Kim was handed over to you.");
    expect(store.state.rooms.room1).toMatchObject({ gone: null, last: 2 });
    server.event("hotline.room.room1.notes", [], { seq: 1, at: "", kind: "note", text: "n", sender: null });
    await settle();
    expect(store.state.notes.room1?.notes).toHaveLength(1);
    expect(store.state.tabs).toEqual(["room1"]);
    desk.connection.stop();
  });

  test("what is handed over, or asked, while the network is away is told when it is back", async () => {
    const { server, store, desk, change } = sit_down([{ ...MINE, served_by: { id: "ben", name: "Ben" } }]);
    desk.start();
    await settle();
    server.cut();
    change("updated", MINE);
    await settle(2000);
    expect(store.state).toMatchObject({ tabs: ["room1"], notice: "Kim was handed over to you." });
    expect(store.state.rooms.room1?.ready).toBe(true);
    expect(attention(store.state)).toBe(1);
    store.dispatch({ type: "looked" });
    expect(attention(store.state)).toBe(0);
    desk.chats.close_tab("room1");
    server.cut();
    change("updated", { ...ENTRY, status: "active", served_by: { id: "ben", name: "Ben" }, asked: ["me"] });
    await settle(5000);
    expect(store.state).toMatchObject({ tabs: [], notice: "You are asked into the chat with Kim." });
    desk.connection.stop();
  });

  test("handing over closes the tab of whoever served", async () => {
    const { store, desk } = sit_down([MINE]);
    desk.start();
    await settle();
    expect(await desk.handing.hand_over("room1", "ben", "")).toBe("");
    expect(store.state.tabs).toEqual([]);
    expect(store.state.notice).toBe("Handed over to Ben.");
    desk.connection.stop();
  });

  /** Drafts as the server keeps them; each gets the next second. */
  function keep_drafts(server: FakeServer, first: Record<string, string> = {}) {
    let seconds = 0;
    const now = () => `2026-11-22T12:00:${String(seconds).padStart(2, "0")}.000Z`;
    const drafts = new Map(Object.entries(first).map(([room, text]) => [room, { room, text, at: now() }]));
    const kept: string[] = [];
    const put = (room: string, text: string) => {
      seconds += 1;
      const draft = { room, text, at: now() };
      if (text) drafts.set(room, draft);
      else drafts.delete(room);
      return text ? draft : { ...draft, at: null };
    };
    const tell = (draft: unknown) => server.event("hotline.me.me.drafts", [], draft as Kwargs);
    server.procedures.set("hotline.me.drafts", () => [...drafts.values()]);
    server.procedures.set("hotline.me.set_draft", ({ room, text }) => {
      kept.push(String(text));
      tell(put(String(room), String(text)));
      return { at: now() };
    });
    return { kept, put, tell, elsewhere: (text: string) => tell(put("room1", text)) };
  }

  test("a draft is kept for other devices, and theirs comes here", async () => {
    const { server, store, desk } = sit_down([MINE]);
    const { kept, elsewhere } = keep_drafts(server, { room1: "of yesterday" });
    desk.start();
    await settle();
    expect(desk.drafts.text("room1")).toBe("of yesterday");
    for (const text of ["H", "He", "Hello"]) desk.chats.types("room1", text);
    elsewhere("of elsewhere");
    await settle(1500);
    expect(kept).toEqual(["Hello"]);
    const rounds = store.state.draft_rounds.room1;
    elsewhere("Hello there");
    await settle();
    expect(desk.drafts.text("room1")).toBe("Hello there");
    expect(store.state.draft_rounds.room1).toBe((rounds ?? 0) + 1);
    elsewhere("");
    await settle();
    expect(desk.drafts.text("room1")).toBe("");
    desk.connection.stop();
  });

  test("what was written when the server forgets it with the end of a chat can still be read", async () => {
    const { server, desk } = sit_down([MINE]);
    const { elsewhere } = keep_drafts(server);
    desk.start();
    await settle();
    desk.chats.types("room1", "Whenever you");
    await settle(2_000);
    elsewhere("");
    await settle();
    expect([desk.drafts.text("room1"), desk.drafts.unsent("room1")]).toEqual(["", "Whenever you"]);
    desk.chats.types("room1", "like");
    expect(desk.drafts.unsent("room1")).toBe("like");
    desk.chats.types("room1", "");
    expect(desk.drafts.unsent("room1")).toBe("");
    desk.connection.stop();
  });

  test("a draft typed without a connection is kept after it", async () => {
    const { server, desk } = sit_down([MINE]);
    const { kept } = keep_drafts(server);
    desk.start();
    await settle();
    server.cut();
    desk.chats.types("room1", "Hello");
    await settle(10_000);
    expect(kept).toEqual(["Hello"]);
    desk.connection.stop();
  });

  test("what was typed or sent on a connection that is dead without saying so stays as it is, and is kept", async () => {
    for (const last of ["Hello, and how are you?", ""]) {
      const { server, store, desk } = sit_down([MINE]);
      const { kept } = keep_drafts(server);
      desk.start();
      await settle();
      desk.chats.types("room1", "He");
      await settle(1500);
      expect(kept).toEqual(["He"]);
      const keep = server.procedures.get("hotline.me.set_draft") as Procedure;
      server.procedures.delete("hotline.me.set_draft");
      server.stalled = true;
      desk.chats.types("room1", "Hello");
      await settle(1500);
      desk.chats.types("room1", last);
      await settle(1500);
      server.procedures.set("hotline.me.set_draft", keep);
      server.stalled = false;
      server.cut();
      await settle(10_000);
      expect(desk.drafts.text("room1")).toBe(last);
      expect(kept).toEqual(["He", last]);
      expect(store.state.draft_rounds).toEqual({});
      desk.connection.stop();
    }
  });

  test("a first draft that was lost with its connection is kept by the next one", async () => {
    const { server, desk } = sit_down([MINE]);
    const { kept } = keep_drafts(server);
    const keep = server.procedures.get("hotline.me.set_draft") as Procedure;
    desk.start();
    await settle();
    server.procedures.delete("hotline.me.set_draft");
    server.stalled = true;
    desk.chats.types("room1", "Hello");
    await settle(1500);
    server.procedures.set("hotline.me.set_draft", keep);
    server.stalled = false;
    server.cut();
    await settle(10_000);
    expect([kept, desk.drafts.text("room1")]).toEqual([["Hello"], "Hello"]);
    desk.connection.stop();
  });

  test("one's own words that come back late change nothing", async () => {
    const { server, store, desk } = sit_down([MINE]);
    const { put, tell } = keep_drafts(server);
    const echoes: unknown[] = [];
    server.procedures.set("hotline.me.set_draft", ({ room, text }) => {
      const draft = put(String(room), String(text));
      echoes.push(draft);
      return draft;
    });
    desk.start();
    await settle();
    for (const text of ["a", "ab"]) {
      desk.chats.types("room1", text);
      await settle(1500);
    }
    expect(echoes).toHaveLength(2);
    for (const echo of echoes) tell(echo);
    await settle(1500);
    expect(desk.drafts.text("room1")).toBe("ab");
    expect(store.state.draft_rounds).toEqual({});
    desk.connection.stop();
  });

  test("notes are heard, and fetched where some are missing", async () => {
    const { server, store, desk } = sit_down([MINE]);
    const note = (seq: number) => ({
      seq,
      at: ENTRY.since,
      kind: "note",
      text: `note ${seq}`,
      sender: { id: "ben", name: "Ben", role: "staff" },
    });
    let notes = [note(1)];
    server.procedures.set("hotline.room.notes", ({ after }) => ({
      notes: notes.filter((one) => one.seq > Number(after)),
      more: false,
    }));
    desk.start();
    await settle();
    expect(store.state.notes.room1).toMatchObject({ last: 1, ready: true });
    notes = [note(1), note(2), note(3)];
    server.event("hotline.room.room1.notes", [], note(3));
    await settle();
    expect(store.state.notes.room1?.notes.map((one) => one.text)).toEqual(["note 1", "note 2", "note 3"]);
    server.procedures.set("hotline.room.note", () => new Refusal("hotline.error.invalid", { text: "no" }));
    desk.notebook.drafts.set("room1", "x");
    await desk.notebook.write("room1");
    expect(store.state.notice).not.toBe("");
    expect(desk.notebook.drafts.get("room1")).toBe("x");
    desk.connection.stop();
  });

  test("a note is kept once, however often it is tried, and what is added meanwhile stays", async () => {
    const { server, store, desk } = sit_down([MINE]);
    server.procedures.set("hotline.room.notes", () => ({ notes: [], more: false }));
    const nonces: unknown[] = [];
    server.procedures.set("hotline.room.note", ({ text, nonce }) => {
      nonces.push(nonce);
      return { seq: new Set(nonces).size, at: ENTRY.since, kind: "note", text, sender: null };
    });
    desk.start();
    await settle();
    desk.notebook.drafts.set("room1", "Rings true. ");
    server.stalled = true;
    const lost = desk.notebook.write("room1");
    server.cut();
    await lost;
    server.stalled = false;
    await settle(5000);
    const kept = desk.notebook.write("room1");
    desk.notebook.drafts.set("room1", "Rings true. And more");
    await settle();
    await kept;
    expect(new Set(nonces).size).toBe(1);
    expect(store.state.notes.room1?.notes.map((one) => one.text)).toEqual(["Rings true."]);
    expect(desk.notebook.drafts.get("room1")).toBe("And more");
    desk.notebook.write("room1");
    await settle();
    expect(new Set(nonces).size).toBe(2);
    expect(desk.notebook.drafts.get("room1")).toBe("");
    desk.connection.stop();
  });

  test("says how many chats there may be, and who asks for help", async () => {
    const { server, store, desk, change } = sit_down([ENTRY]);
    server.procedures.set(
      "hotline.room.claim",
      () => new Refusal("hotline.error.not_allowed", { reason: "limit", limit: 3 }),
    );
    desk.start();
    await settle();
    await desk.handing.claim("room1");
    expect(store.state.notice).toContain("No more than 3 chats at once.");
    server.procedures.set(
      "hotline.room.ask",
      () => new Refusal("hotline.error.not_allowed", { reason: "limit", limit: 3 }),
    );
    expect(await desk.handing.ask_in("room1", "ben", "")).toBe("Ben has 3 chats already, which is the most.");
    change("updated", { ...MINE, served_by: { id: "ben", name: "Ben" }, asked: ["me"] });
    await settle();
    expect(store.state.notice).toBe("You are asked into the chat with Kim.");
    expect(store.state.tabs).toEqual([]);
    desk.connection.stop();
  });

  test("a record's mistakes are shown by field, and a saved one is no longer missing", async () => {
    const { server, store, desk } = sit_down([]);
    const question = { name: "about", label: "About", kind: "text", required: true };
    let missing = [{ room: "room1", name: "Kim", closed_at: ENTRY.since }];
    let answer: unknown = new Refusal("hotline.error.invalid", { "answers.about": "is missing" });
    server.procedures.set("hotline.record.form", () => ({ questions: [question], required: true }));
    server.procedures.set("hotline.record.missing", () => missing);
    server.procedures.set("hotline.record.get", () => ({ answers: {}, saved_at: "", saved_by: null }));
    server.procedures.set("hotline.record.save", () => answer);
    desk.start();
    await settle();
    expect(store.state.records.missing).toEqual(missing);
    await desk.records.save("room1", {});
    expect(Object.keys(store.state.records.problems)).toEqual(["answers.about"]);
    answer = { saved_at: "" };
    missing = [];
    await desk.records.save("room1", { about: "x" });
    expect(store.state.records).toMatchObject({ missing: [], problems: {} });
    desk.connection.stop();
  });

  test("tells who opened a conversation, and why it cannot", async () => {
    const { server, desk, store } = sit_down([MINE]);
    desk.start();
    await settle();
    const opening = { at: ENTRY.since, actor: { id: "ben", name: "Ben" }, action: "room.joined", to: null };
    server.procedures.set("hotline.audit.of_room", ({ room }) =>
      room === "room1" ? [opening] : new Refusal("hotline.error.not_found"),
    );
    expect(await desk.records.openings("room1")).toEqual([opening]);
    expect(await desk.records.openings("room2")).toBeNull();
    expect(store.state.notice).toBe("This is not here any more.");
    desk.connection.stop();
  });

  test("looks again when the hours change whether it is open", async () => {
    const { server, store, desk } = sit_down([]);
    let service = "open";
    const soon = new Date(Date.now() + 60_000).toISOString();
    server.procedures.set("hotline.organisation.get", () => ({
      intake: "scheduled",
      service,
      opens_at: null,
      closes_at: service === "open" ? soon : null,
    }));
    desk.start();
    await settle();
    expect(store.state.standing?.service).toBe("open");
    service = "closed";
    await settle(62_000);
    expect(store.state.standing?.service).toBe("closed");
    desk.connection.stop();
  });

  test("takes back a presence that was refused", async () => {
    const { store, desk } = sit_down([]);
    desk.start();
    await settle();
    await desk.set_presence("busy");
    expect(store.state.presence).toBe("here");
    expect(store.state.notice).not.toBe("");
    desk.connection.stop();
  });

  test("a cut brings everything back, with a new ticket", async () => {
    const { server, store, desk, outside } = sit_down([MINE]);
    desk.start();
    await settle();
    server.cut();
    server.add("meanwhile");
    await settle(2000);
    expect(outside.logins).toBe(2);
    expect(store.state.rooms.room1?.messages.map((one) => one.text)).toEqual(["meanwhile"]);
    desk.connection.stop();
  });

  test("an ended login leads to the login page, once", async () => {
    const { desk, outside } = sit_down([]);
    outside.refusal = LOGGED_OUT;
    desk.start();
    await settle(60_000);
    expect(outside.left).toEqual(["/login"]);
    expect(desk.connection.status).toBe("stopped");
  });

  test("a login that ends takes nothing away that is written here only, and the next one brings it back", async () => {
    const writings: ((desk: Desk) => void)[] = [
      (desk) => desk.chats.say("room1", "Hello"),
      (desk) => desk.chats.types("room1", "Hello"),
      (desk) => desk.notebook.drafts.set("room1", "Rings true"),
      (desk) => desk.records.drafts.set("room1", { how: ["Well"] }),
    ];
    for (const write of writings) {
      const { server, store, desk, outside } = sit_down([MINE]);
      server.procedures.set("hotline.me.drafts", () => []);
      server.procedures.set("hotline.me.set_draft", () => ({ at: ENTRY.since }));
      desk.start();
      await settle();
      server.cut();
      write(desk);
      outside.refusal = LOGGED_OUT;
      await settle(60_000);
      expect([outside.left, store.state.is_logged_out]).toEqual([[], true]);
      desk.look_for_login();
      await settle(1000);
      expect(store.state.is_logged_out).toBe(true);
      outside.refusal = "";
      desk.look_for_login();
      await settle(1000);
      expect(store.state.is_logged_out).toBe(false);
      expect(store.state.rooms.room1?.ready).toBe(true);
      desk.connection.stop();
    }
  });

  test("a login of somebody else does not go on with this page", async () => {
    const { desk, outside } = sit_down([]);
    outside.refusal = ANOTHER;
    desk.start();
    await settle(60_000);
    expect([outside.left, desk.connection.status]).toEqual([["/clientlist"], "stopped"]);
  });

  test("a page that may not connect says so instead of going in circles", async () => {
    const { desk, store, outside } = sit_down([]);
    outside.refusal = FORBIDDEN;
    desk.start();
    await settle(60_000);
    expect(outside.left).toEqual([]);
    expect(store.state.notice).toContain("own address");
    desk.connection.stop();
  });
});
