import { describe, expect, test } from "vitest";
import { reduce_any_room } from "../src/state/group.ts";
import { new_room, type RoomEvent, type RoomState } from "../src/state/room.ts";
import type { GroupFacts, Message, Person } from "../src/state/types.ts";
import { told_room } from "../src/views/group.ts";

const LEE: Person = { id: "lee", name: "Lee", role: "staff" };
const ROBIN: Person = { id: "robin", name: "Robin", role: "client" };
const KIM: Person = { id: "kim", name: "Kim", role: "client" };
const FACTS: GroupFacts = {
  name: "Evening",
  text: "",
  opens_at: "2026-11-22T12:00:00.000Z",
  ends_at: "2026-11-22T14:00:00.000Z",
  most_clients: 20,
  clients: 1,
  muted: false,
};

function entry(seq: number, sender: Person, kind = "message", text = `text ${seq}`): RoomEvent {
  const at = "2026-11-22T12:00:00.000Z";
  const message: Message = { seq, at, kind, text, sender, nonce: kind === "message" ? `n${seq}` : null };
  return { type: "received", message };
}

function joined(last_seq = 2): RoomEvent {
  return {
    type: "joined",
    joined: {
      room: "r",
      status: "active",
      client: null,
      members: [LEE, ROBIN],
      last_seq,
      seen: {},
      delivered: {},
      group: FACTS,
    },
  };
}

function run(...events: RoomEvent[]): RoomState {
  const before = [joined(), entry(1, LEE, "joined"), entry(2, ROBIN, "entered")];
  return [...before, ...events].reduce(reduce_any_room, new_room("r", "lee"));
}

function names({ members }: RoomState): string[] {
  return members.map((one) => one.name);
}

describe("a group", () => {
  test("goes on when a client leaves, and ends when it is ended", () => {
    const left = run(entry(3, ROBIN, "left"));
    expect(left.status).toBe("active");
    expect(reduce_any_room(left, entry(4, LEE, "closed")).status).toBe("closed");
    const after = reduce_any_room(reduce_any_room(left, entry(4, LEE, "closed")), entry(5, KIM, "forgotten"));
    expect(after.status).toBe("closed");
  });

  test("knows who is in it from its entries", () => {
    const full = run(entry(3, KIM, "entered"));
    expect(names(full)).toEqual(["Lee", "Robin", "Kim"]);
    expect(full.group?.clients).toBe(2);
    for (const kind of ["left", "left_quickly", "removed", "forgotten"]) {
      const next = reduce_any_room(full, entry(4, ROBIN, kind));
      expect(names(next)).toEqual(["Lee", "Kim"]);
      expect(next.group?.clients).toBe(1);
    }
  });

  test("does not count again what was told when one came back", () => {
    // They left, and came back, while nothing was heard: the list has them, and their leaving is fetched later.
    const away = reduce_any_room(run(), joined(4));
    const state = [entry(3, ROBIN, "left"), entry(4, ROBIN, "entered")].reduce(reduce_any_room, away);
    expect(names(state)).toEqual(["Lee", "Robin"]);
    expect(state.last).toBe(4);
  });

  test("is muted and not", () => {
    const muted = run(entry(3, LEE, "muted"));
    expect(muted.group?.muted).toBe(true);
    expect(reduce_any_room(muted, entry(4, LEE, "unmuted")).group?.muted).toBe(false);
  });

  test("keeps nothing of what somebody deleted", () => {
    const state = run(entry(3, ROBIN), entry(4, LEE), entry(5, { ...ROBIN, name: "" }, "forgotten"));
    expect(JSON.stringify(state.messages)).not.toMatch(/Robin|text 3/);
    expect(state.messages.map((one) => [one.seq, one.withdrawn])).toContainEqual([3, true]);
    expect(state.messages.find((one) => one.seq === 4)?.text).toBe("text 4");
  });

  test("has words for what only happens there, and for who has no name any more", () => {
    const state = run(entry(3, ROBIN), entry(4, LEE, "muted"), entry(5, { ...ROBIN, name: "" }, "forgotten"));
    const told = told_room(state).messages;
    expect(told[3]?.text).toBe("For a while only those who lead the group can write.");
    expect(told[2]?.sender?.name).toBe("Somebody");
    expect(told[0]).toBe(state.messages[0]);
    // Drawn again only where something changed.
    expect(told_room({ ...state }).messages.every((one, at) => one === told[at])).toBe(true);
  });
});

test("a room of one client stays what it was", () => {
  const one = { ...new_room("r", "lee"), client: { id: "robin", name: "Robin" } };
  const left = reduce_any_room(one, entry(1, ROBIN, "left"));
  expect(left.status).toBe("closed");
  expect(told_room(left)).toBe(left);
});
