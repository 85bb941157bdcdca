import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Anteroom } from "../src/anteroom/anteroom.ts";
import { IdentityKeeper, type Storage } from "../src/client/identity.ts";
import {
  type AnteroomEvent,
  type AnteroomState,
  NEW_ANTEROOM,
  reduce_anteroom,
} from "../src/state/anteroom.ts";
import { new_room, type RoomEvent, type RoomState, reduce_room } from "../src/state/room.ts";
import { Conversation } from "../src/talk/conversation.ts";
import { Store } from "../src/talk/store.ts";
import { save } from "../src/views/transcript.ts";
import { open_session } from "../src/wamp/session.ts";
import { FakeServer, memory, type Procedure, Refusal } from "./fake_server.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** What was asked without a session. */
const beacons: unknown[] = [];
beforeEach(() => {
  beacons.length = 0;
});

const settle = (ms = 0) => vi.advanceTimersByTimeAsync(ms);

function talk(server: FakeServer, looking = true) {
  const store = new Store<RoomState, RoomEvent>(new_room(server.room, "me"), reduce_room);
  const conversation = new Conversation({
    room: server.room,
    state: () => store.state,
    dispatch: store.dispatch,
    is_looking: () => looking,
  });
  const look = () => {
    looking = true;
    conversation.looked();
  };
  const attach = async () => {
    const session = await open_session(server.open(), { realm: "r" });
    session.on_lost = () => conversation.detach();
    await conversation.attach(session);
    await settle();
    return session;
  };
  const texts = () => store.state.messages.map((one) => one.text);
  return { store, conversation, attach, texts, look };
}

describe("a conversation", () => {
  test("catches up, then hears what is new", async () => {
    const server = new FakeServer();
    server.add("before");
    const { attach, texts, store } = talk(server);
    await attach();
    server.add("after");
    await settle();
    expect(texts()).toEqual(["before", "after"]);
    expect(store.state.live_after).toBe(1);
  });

  test("fetches what was lost on the way", async () => {
    const server = new FakeServer();
    const { attach, texts } = talk(server);
    await attach();
    server.lost_seq = 2;
    server.add("one");
    server.add("two");
    server.add("three");
    await settle();
    expect(texts()).toEqual(["one", "two", "three"]);
  });

  test("reads a long room page by page", async () => {
    const server = new FakeServer();
    const { attach, texts, store, conversation } = talk(server);
    await attach();
    server.cut();
    for (let i = 1; i <= 450; i += 1) server.add(`m${i}`);
    await attach();
    expect(texts()).toHaveLength(450);
    const other = talk(server);
    await other.attach();
    expect(other.store.state.first).toBe(350);
    await other.conversation.fetch_earlier();
    expect(other.store.state.first).toBe(300);
    expect(other.texts()[0]).toBe("m301");
    void store;
    void conversation;
  });

  test("what was typed while away goes out afterwards, once and in order", async () => {
    const server = new FakeServer();
    const { attach, texts, conversation, store } = talk(server);
    conversation.say("one");
    conversation.say("two");
    expect(store.state.pending).toHaveLength(2);
    await attach();
    expect(texts()).toEqual(["one", "two"]);
    expect(store.state.pending).toEqual([]);
  });

  test("a lost acknowledgement does not make a double", async () => {
    const server = new FakeServer();
    const { attach, texts, conversation, store } = talk(server);
    await attach();
    server.cut_after_store = true;
    conversation.say("hello");
    await settle();
    expect(store.state.pending).toMatchObject([{ status: "queued" }]);
    await attach();
    await settle(2000);
    expect(texts()).toEqual(["hello"]);
    expect(store.state.pending).toEqual([]);
    expect(server.log).toHaveLength(1);
  });

  test("resends with the same nonce", async () => {
    const server = new FakeServer();
    const { attach, conversation } = talk(server);
    await attach();
    server.stalled = true;
    server.refusals.push(new Refusal("hotline.error.unavailable"));
    conversation.say("hello");
    server.cut();
    server.stalled = false;
    await attach();
    const nonces = server.published().map((one) => (one[5] as { nonce: string }).nonce);
    expect(nonces).toHaveLength(2);
    expect(nonces[0]).toBe(nonces[1]);
    expect(server.log).toHaveLength(1);
  });

  test("waits as long as it is told when it was too fast, and keeps the order", async () => {
    const server = new FakeServer();
    const { attach, texts, conversation } = talk(server);
    await attach();
    server.refusals.push(new Refusal("hotline.error.too_fast", { retry_after: 2 }));
    conversation.say("one");
    conversation.say("two");
    await settle(1900);
    expect(server.log).toEqual([]);
    await settle(200);
    expect(texts()).toEqual(["one", "two"]);
  });

  test("shows why a message was refused, and sends the next", async () => {
    const server = new FakeServer();
    const { attach, texts, conversation, store } = talk(server);
    await attach();
    server.refusals.push(new Refusal("hotline.error.invalid", { text: "is too long" }));
    conversation.say("one");
    conversation.say("two");
    await settle();
    expect(texts()).toEqual(["two"]);
    expect(store.state.pending).toMatchObject([
      { status: "failed", reason: "This cannot be accepted: text is too long." },
    ]);
    conversation.try_again(store.state.pending[0]?.nonce ?? "");
    await settle();
    expect(texts()).toEqual(["two", "one"]);
  });

  test("looks for a message that was acknowledged and not heard", async () => {
    const server = new FakeServer();
    const { attach, texts, conversation, store } = talk(server);
    await attach();
    server.lost_seq = 1;
    conversation.say("hello");
    await settle();
    expect(store.state.pending).toMatchObject([{ status: "stored" }]);
    await settle(1600);
    expect(store.state.pending).toEqual([]);
    expect(texts()).toEqual(["hello"]);
  });

  test("tells that it was seen only when somebody looks, at most once a second", async () => {
    const server = new FakeServer();
    const { attach } = talk(server);
    await attach();
    const seen = () => server.received.filter((one) => one[3] === "hotline.room.seen").length;
    for (let i = 0; i < 5; i += 1) server.add(`${i}`);
    await settle(900);
    expect(seen()).toBe(1);
    await settle(200);
    expect(seen()).toBe(2);
    const away = new FakeServer();
    const other = talk(away, false);
    await other.attach();
    away.add("x");
    await settle(5000);
    const marks = () => away.received.filter((one) => /room.(seen|delivered)$/.test(String(one[3])));
    expect(marks().map((one) => one[3])).toEqual(["hotline.room.delivered"]);
    other.look();
    expect(marks().map((one) => one[3])).toEqual(["hotline.room.delivered", "hotline.room.seen"]);
    expect(marks().map((one) => one[5])).toEqual([
      { room: "room1", seq: 1 },
      { room: "room1", seq: 1 },
    ]);
  });

  test("tells what it has seen again when that was refused for the moment", async () => {
    const server = new FakeServer();
    const { attach } = talk(server);
    let refusals = 1;
    const told: unknown[] = [];
    server.procedures.set("hotline.room.seen", ({ seq }) => {
      refusals -= 1;
      if (refusals >= 0) return new Refusal("hotline.error.too_fast", { retry_after: 1 });
      told.push(seq);
      return {};
    });
    await attach();
    server.add("one");
    await settle(500);
    expect(told).toEqual([]);
    await settle(1000);
    expect(told).toEqual([1]);
  });

  test("tells what is seen after it was put away in mid-second, and comes back", async () => {
    const server = new FakeServer();
    const { attach, conversation } = talk(server);
    const session = await attach();
    server.add("one");
    await settle();
    conversation.put_away();
    await conversation.attach(session);
    server.add("two");
    await settle(1500);
    const seen = server.received.filter((one) => one[3] === "hotline.room.seen").map((one) => one[5]);
    expect(seen.at(-1)).toEqual({ room: "room1", seq: 2 });
  });

  test("corrects what was said last, and says in words why it cannot", async () => {
    const server = new FakeServer();
    const { attach, conversation } = talk(server);
    expect(await conversation.correct(1, "x")).toMatch("no connection");
    await attach();
    const asked: unknown[] = [];
    server.procedures.set("hotline.room.edit", ({ nonce, ...rest }) => {
      asked.push(rest, typeof nonce);
      return { seq: 2 };
    });
    server.procedures.set("hotline.room.withdraw", () => new Refusal("hotline.error.not_allowed"));
    expect(await conversation.correct(1, "better")).toBe("");
    expect(asked).toEqual([{ room: "room1", seq: 1, text: "better" }, "string"]);
    expect(await conversation.correct(1, null)).toMatch("too late");
  });

  test("says that one types at most every three seconds", async () => {
    const server = new FakeServer();
    const { attach, conversation } = talk(server);
    await attach();
    const signs = () =>
      server.received.filter((one) => one[0] === 16).map((one) => (one[5] as { typing: boolean }).typing);
    conversation.types(true);
    conversation.types(true);
    await settle(3000);
    conversation.types(true);
    conversation.types(false);
    conversation.types(false);
    expect(signs()).toEqual([true, true, false]);
  });

  test("of a closed room is only read", async () => {
    const server = new FakeServer();
    server.add("bye");
    server.add("The conversation has ended.", "other", "closed");
    const { attach, texts, store } = talk(server);
    await attach();
    expect(texts()).toEqual(["bye", "The conversation has ended."]);
    expect(store.state.status).toBe("closed");
    expect(server.received.filter((one) => one[0] === 32)).toEqual([]);
  });

  test("that may not be entered any more says so", async () => {
    const server = new FakeServer();
    server.procedures.set("hotline.room.join", () => new Refusal("hotline.error.not_allowed"));
    const { attach, store } = talk(server);
    await attach();
    expect(store.state.gone).toBe("You are not in this conversation any more.");
  });
});

describe("the anteroom", () => {
  const blocked: Storage = {
    getItem: () => {
      throw new Error("blocked");
    },
    setItem: () => {
      throw new Error("blocked");
    },
    removeItem: () => {
      throw new Error("blocked");
    },
  };

  function visit(server: FakeServer, storage: Storage | null) {
    server.procedures.set("hotline.anteroom.describe", () => ({
      organisation: "Help",
      open: true,
      waiting: 0,
      questions: [],
      notice: "",
    }));
    server.procedures.set("hotline.anteroom.enter", ({ name }) => {
      if (name === "") return new Refusal("hotline.error.invalid", { name: "must not be empty" });
      server.tickets.set("me", "key");
      return { client: "me", room: server.room, key: "key", position: 1 };
    });
    server.procedures.set("hotline.anteroom.place", () => ({ position: 1, waiting: 1, served: 0 }));
    const store = new Store<AnteroomState, AnteroomEvent>(NEW_ANTEROOM, reduce_anteroom);
    const anteroom = new Anteroom({
      realm: "help",
      store,
      keeper: new IdentityKeeper("help", () => storage ?? blocked),
      open_socket: server.open,
      is_offline: () => false,
      is_looking: () => true,
      language: () => "en",
      beacon: (fields: object) => void beacons.push(fields),
    });
    anteroom.start();
    return { store, anteroom };
  }

  test("enters, writes while waiting, and comes back after a cut as the same client", async () => {
    const server = new FakeServer();
    const { store, anteroom } = visit(server, memory());
    await settle();
    expect(store.state.screen).toBe("form");
    await anteroom.enter({ name: "", answers: {} });
    expect(store.state.problems).toEqual({ name: "Please check this." });
    await anteroom.enter({ name: "Kim", answers: { age: "17" } });
    await settle();
    expect(store.state).toMatchObject({ screen: "room", place: { position: 1 } });
    server.cut();
    anteroom.say("still here");
    expect(store.state.link.status).toBe("waiting");
    server.add("Hello", "other");
    await settle(2000);
    expect(store.state.link.status).toBe("connected");
    expect(store.state.room?.messages.map((one) => one.text)).toEqual(["Hello", "still here"]);
    expect(server.received.filter((one) => one[0] === 1)[1]).toMatchObject([1, "help", { authid: "me" }]);
    anteroom.connection.stop();
  });

  test("a long conversation is saved from its beginning, without what was withdrawn", async () => {
    const server = new FakeServer();
    const { store, anteroom } = visit(server, memory());
    await settle();
    for (let count = 1; count <= 350; count += 1) server.add(`Message ${count}`, "other", "message", "n");
    server.add("", "other", "message", "withdrawn");
    server.add("Somebody came in.", "other", "joined");
    await anteroom.enter({ name: "Kim", answers: {} });
    await settle(2000);
    expect(store.state.room?.first).toBeGreaterThan(200);
    const saved: string[] = [];
    vi.stubGlobal("document", {
      createElement: () => ({
        click(this: HTMLAnchorElement) {
          saved.push(this.download, decodeURIComponent(this.href));
        },
      }),
    });
    await anteroom.save(save);
    vi.unstubAllGlobals();
    expect(store.state.room?.first).toBe(0);
    expect(saved[0]).toBe("chat.txt");
    const lines = saved[1]?.split("\n").map((line) => line.replace(/^.* other: /, ""));
    expect(lines).toEqual(Array.from({ length: 350 }, (_, index) => `Message ${index + 1}`));
    anteroom.connection.stop();
  });

  test("a reload finds the room again, and without storage it starts anew", async () => {
    const server = new FakeServer();
    const storage = memory();
    for (const [kept, screen] of [
      [storage, "room"],
      [blocked, "form"],
      [null, "form"],
    ] as const) {
      const first = visit(server, kept);
      await settle();
      if (first.store.state.screen === "form") await first.anteroom.enter({ name: "Kim", answers: {} });
      await settle();
      expect(first.store.state.screen).toBe("room");
      first.anteroom.connection.stop();
      const second = visit(server, kept);
      await settle();
      expect(second.store.state.screen).toBe(screen);
      second.anteroom.connection.stop();
    }
  });

  test("a key that is not known any more leads back to the form, with a word", async () => {
    const server = new FakeServer();
    const storage = memory();
    storage.setItem("hotline.help", JSON.stringify({ client: "old", room: "old", key: "old" }));
    const { store, anteroom } = visit(server, storage);
    await settle();
    expect(store.state.screen).toBe("form");
    expect(store.state.lost).toBe(true);
    anteroom.connection.stop();
  });

  test("a room that is gone leads back to the form", async () => {
    const server = new FakeServer();
    const storage = memory();
    server.tickets.set("me", "key");
    storage.setItem("hotline.help", JSON.stringify({ client: "me", room: "room1", key: "key" }));
    server.procedures.set("hotline.room.join", () => new Refusal("hotline.error.not_found"));
    const { store, anteroom } = visit(server, storage);
    await settle();
    expect(store.state.screen).toBe("form");
    anteroom.connection.stop();
  });

  test("leaving tells the server, forgets the key, and allows a new start", async () => {
    const server = new FakeServer();
    const storage = memory();
    const { store, anteroom } = visit(server, storage);
    await settle();
    await anteroom.enter({ name: "Kim", answers: {} });
    await settle();
    await anteroom.leave();
    expect(store.state.screen).toBe("ended");
    expect(server.received.some((one) => one[3] === "hotline.room.leave")).toBe(true);
    expect(storage.getItem("hotline.help")).toBeNull();
    anteroom.start_again();
    await settle();
    expect(store.state.screen).toBe("form");
    anteroom.connection.stop();
  });

  test("a conversation that has ended can be deleted, and is then begun anew", async () => {
    const server = new FakeServer();
    server.procedures.set("hotline.anteroom.delete", () => ({}));
    const storage = memory();
    const { store, anteroom } = visit(server, storage);
    await settle();
    await anteroom.enter({ name: "Kim", answers: {} });
    await settle();
    const room = store.state.room?.room;
    await anteroom.delete_all();
    await settle();
    const asked = server.received.find((one) => one[3] === "hotline.anteroom.delete");
    expect(asked?.[5]).toEqual({ room });
    expect(storage.getItem("hotline.help")).toBeNull();
    expect(store.state.screen).toBe("form");
    anteroom.connection.stop();
  });

  test("an unknown organisation is told plainly and not asked again", async () => {
    const server = new FakeServer();
    server.abort = "wamp.error.no_such_realm";
    const { store } = visit(server, memory());
    await settle(60_000);
    expect(store.state.screen).toBe("unknown");
    expect(server.received).toHaveLength(1);
  });

  test("leaves a message, comes back with its code, and says beside the field what is wrong with one", async () => {
    const server = new FakeServer();
    server.procedures.set("hotline.anteroom.leave_message", ({ text }) => {
      server.tickets.set("me", "key");
      expect(text).toBe("Please call");
      return { client: "me", room: server.room, key: "key", return_code: "AAAA-BBBB" };
    });
    server.procedures.set("hotline.anteroom.come_back", ({ return_code }) => {
      if (return_code !== "AAAA-BBBB") return new Refusal("hotline.error.not_found");
      return { client: "me", room: server.room, key: "key", position: null, status: "waiting" };
    });
    const first = visit(server, null);
    await settle();
    await first.anteroom.enter({ name: "Kim", answers: {}, text: "Please call" });
    expect(first.store.state).toMatchObject({ screen: "room", return_code: "AAAA-BBBB" });
    first.anteroom.connection.stop();
    const second = visit(server, null);
    await settle();
    await second.anteroom.come_back("CCCC");
    expect(second.store.state).toMatchObject({ asked: "come_back", awaited: false });
    expect(Object.keys(second.store.state.problems)).toEqual(["return_code"]);
    server.procedures.set(
      "hotline.anteroom.come_back",
      ({ return_code }) =>
        new Refusal(return_code === "DDDD" ? "hotline.error.too_fast" : "hotline.error.unavailable"),
    );
    await second.anteroom.come_back("DDDD");
    expect(second.store.state).toMatchObject({
      asked: "come_back",
      problems: { "": "That was too fast. Please wait a moment." },
    });
    server.procedures.set("hotline.anteroom.come_back", () => {
      return { client: "me", room: server.room, key: "key", position: null, status: "waiting" };
    });
    await second.anteroom.come_back("AAAA-BBBB");
    expect(second.store.state).toMatchObject({ screen: "room", return_code: "", problems: {} });
    second.anteroom.connection.stop();
  });

  test("what was being written when it opened goes along into the conversation", async () => {
    const server = new FakeServer();
    const { store, anteroom } = visit(server, null);
    await settle();
    const filled = new FormData();
    filled.set("text", "It began in May");
    anteroom.filled = filled;
    await anteroom.enter({ name: "Kim", answers: {} });
    expect(store.state.screen).toBe("room");
    expect(anteroom.draft).toBe("It began in May");
    await anteroom.leave();
    expect(anteroom).toMatchObject({ draft: "", filled: undefined });
    anteroom.connection.stop();
  });

  test("who presses Start when it has just closed is told so, and what is too long says how long it may be", async () => {
    const server = new FakeServer();
    const { store, anteroom } = visit(server, null);
    await settle();
    server.procedures.set(
      "hotline.anteroom.enter",
      () => new Refusal("hotline.error.invalid", { "answers.issues": "must have at most 1000 characters" }),
    );
    await anteroom.enter({ name: "Kim", answers: {} });
    expect(store.state.problems).toEqual({ "answers.issues": "At most 1000 characters." });
    const describe = server.procedures.get("hotline.anteroom.describe") as Procedure;
    server.procedures.set("hotline.anteroom.describe", (kwargs, link) => ({
      ...(describe(kwargs, link) as object),
      open: false,
      service: "closed",
    }));
    server.procedures.set(
      "hotline.anteroom.enter",
      () => new Refusal("hotline.error.not_allowed", { reason: "closed" }),
    );
    anteroom.writes(true);
    await anteroom.enter({ name: "Kim", answers: {} });
    await settle();
    expect(store.state).toMatchObject({ screen: "away", problems: {}, awaited: false });
    anteroom.connection.stop();
  });

  test("asks a few questions after the end, once", async () => {
    const server = new FakeServer();
    const answered: unknown[] = [];
    const question = { name: "help", label: "Did it help?", kind: "scale", required: false, low: 1, high: 5 };
    server.procedures.set("hotline.anteroom.survey", () => ({
      questions: answered.length ? null : [question],
    }));
    server.procedures.set("hotline.anteroom.answer_survey", ({ room, answers }) => {
      answered.push([room, answers]);
      return {};
    });
    const { store, anteroom } = visit(server, null);
    await settle();
    await anteroom.enter({ name: "Kim", answers: {} });
    await settle();
    await anteroom.leave();
    await settle();
    expect(store.state).toMatchObject({ screen: "ended", survey: [question] });
    expect(store.state.link.status).toBe("connected");
    await anteroom.answer_survey({ help: "4" });
    expect(answered).toEqual([[server.room, { help: "4" }]]);
    expect(store.state.survey).toBeNull();
    anteroom.connection.stop();
  });

  test("whoever has left can still delete the conversation, until they begin anew", async () => {
    const server = new FakeServer();
    const deleted: unknown[] = [];
    server.procedures.set("hotline.anteroom.survey", () => ({ questions: null }));
    server.procedures.set("hotline.anteroom.delete", ({ room }) => {
      deleted.push(room);
      return {};
    });
    const { store, anteroom } = visit(server, null);
    await settle();
    await anteroom.enter({ name: "Kim", answers: {} });
    await settle();
    await anteroom.leave();
    await settle();
    expect(store.state).toMatchObject({ screen: "ended", room: null });
    await anteroom.delete_all();
    await settle();
    expect(deleted).toEqual([server.room]);
    expect(store.state.screen).toBe("form");
    anteroom.connection.stop();
  });

  test("leaves quickly: the server hears of it, and nothing is asked", async () => {
    const server = new FakeServer();
    const { store, anteroom } = visit(server, null);
    await settle();
    await anteroom.enter({ name: "Kim", answers: {} });
    await settle();
    await anteroom.leave(true);
    const calls = server.received.filter((one) => one[0] === 48);
    expect(calls.at(-1)?.slice(3)).toEqual(["hotline.room.leave", [], { room: server.room, quickly: true }]);
    expect(store.state.link.status).toBe("stopped");
  });

  test("an entry whose answer got lost is asked for again by the same name, the next one by another", async () => {
    const server = new FakeServer();
    const { store, anteroom } = visit(server, null);
    await settle();
    server.stalled = true;
    const lost = anteroom.enter({ name: "Kim", answers: {} });
    await settle();
    server.cut();
    await lost;
    expect(store.state).toMatchObject({ screen: "form", awaited: false });
    server.stalled = false;
    await settle(60_000);
    await anteroom.enter({ name: "Kim", answers: {} });
    expect(store.state.screen).toBe("room");
    anteroom.start_again();
    await settle();
    await anteroom.enter({ name: "Kim", answers: {} });
    const entries = server.received.filter((one) => one[3] === "hotline.anteroom.enter");
    const [first, second, third] = entries.map((one) => (one[5] as { nonce: string }).nonce);
    expect(first).toMatch(/^[0-9a-f]{32}$/);
    expect(second).toBe(first);
    expect(third).not.toBe(first);
    anteroom.connection.stop();
  });

  test("leaves quickly without a session by another way, though the page does not stay", async () => {
    const server = new FakeServer();
    const { store, anteroom } = visit(server, memory());
    await settle();
    await anteroom.enter({ name: "Kim", answers: {} });
    await settle();
    server.reachable = false;
    server.cut();
    await anteroom.leave(true);
    const told = { organisation: "help", client: "me", room: server.room, key: "key", quickly: "true" };
    expect(beacons).toEqual([told]);
    expect(store.state.screen).toBe("ended");
    anteroom.connection.stop();
  });

  test("an end without connection is told by the next one, which also asks and can delete", async () => {
    const server = new FakeServer();
    const question = { name: "help", label: "Did it help?", kind: "scale", required: false, low: 1, high: 5 };
    server.procedures.set("hotline.anteroom.survey", () => ({ questions: [question] }));
    server.procedures.set("hotline.anteroom.delete", () => ({}));
    const storage = memory();
    const { store, anteroom } = visit(server, storage);
    await settle();
    await anteroom.enter({ name: "Kim", answers: {} });
    await settle();
    server.reachable = false;
    server.cut();
    await anteroom.leave();
    expect(beacons).toMatchObject([{ quickly: "false" }]);
    expect(storage.values.size).toBe(0);
    server.reachable = true;
    for (let round = 0; round < 2; round += 1) {
      await settle(60_000);
      expect(store.state).toMatchObject({ screen: "ended", survey: [question] });
      // What was told once is not told again.
      const left = server.received.filter((one) => one[3] === "hotline.room.leave");
      expect(left.map((one) => one[5])).toEqual([{ room: server.room, quickly: false }]);
      server.cut();
    }
    await settle(60_000);
    await anteroom.delete_all();
    await settle();
    expect(store.state.screen).toBe("form");
    anteroom.connection.stop();
  });

  test("a reload brings back what is not sent and what is not delivered, until it is", async () => {
    const server = new FakeServer();
    const storage = memory();
    const kept = () => JSON.parse(storage.getItem("hotline.help") ?? "{}");
    const first = visit(server, storage);
    await settle();
    await first.anteroom.enter({ name: "Kim", answers: {} });
    await settle();
    server.stalled = true;
    first.anteroom.say("said");
    first.anteroom.types("half a sen");
    await settle();
    first.anteroom.connection.stop();
    // It arrived before the page was gone, and the page did not hear so.
    expect(server.log.map((one) => one.text)).toEqual(["said"]);
    expect(kept()).toMatchObject({ unsent: "half a sen", outbox: [{ text: "said" }] });
    server.stalled = false;
    server.cut();
    const second = visit(server, storage);
    await settle();
    expect(second.anteroom.draft).toBe("half a sen");
    expect(second.store.state.room?.messages.map((one) => one.text)).toEqual(["said"]);
    await settle(5_000);
    expect(server.log).toHaveLength(1);
    expect(kept()).toMatchObject({ unsent: "half a sen", outbox: [] });
    server.add("", "other", "closed");
    await settle();
    expect(kept().unsent).toBe("");
    expect(second.anteroom.draft).toBe("half a sen");
    second.anteroom.start_again();
    expect(storage.values.size).toBe(0);
    second.anteroom.connection.stop();
  });

  test("follows the live place, back into the line too", async () => {
    const server = new FakeServer();
    const { store, anteroom } = visit(server, null);
    await settle();
    await anteroom.enter({ name: "Kim", answers: {} });
    await settle();
    server.event("hotline.room.room1.place", [], { position: 3, waiting: 4, served: 1 });
    await settle();
    expect(store.state.place).toEqual({ position: 3, waiting: 4, served: 1 });
    anteroom.connection.stop();
  });
});
