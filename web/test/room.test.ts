import { describe, expect, test } from "vitest";
import {
  FIRST_VIEW,
  has_gap,
  new_room,
  next_to_send,
  type RoomEvent,
  type RoomState,
  reached_others,
  reduce_room,
  TYPING_MS,
  undelivered,
  unread,
} from "../src/state/room.ts";
import type { Joined, Message } from "../src/state/types.ts";

function message(seq: number, change: Partial<Message> = {}): Message {
  return {
    seq,
    at: "2026-11-22T12:00:00.000Z",
    kind: "message",
    text: `text ${seq}`,
    sender: { id: "other", name: "Other", role: "staff" },
    nonce: `n${seq}`,
    ...change,
  };
}

const MINE = { sender: { id: "me", name: "Me", role: "client" as const } };

function joined(change: Partial<Joined> = {}): Joined {
  return {
    room: "r",
    status: "waiting",
    client: { id: "me", name: "Me" },
    members: [],
    last_seq: 0,
    seen: {},
    delivered: {},
    ...change,
  };
}

function run(events: RoomEvent[], from: RoomState = new_room("r", "me")): RoomState {
  return events.reduce(reduce_room, from);
}

function heard(...seqs: number[]): RoomEvent[] {
  return seqs.map((seq) => ({ type: "received", message: message(seq) }));
}

function seqs(state: RoomState): number[] {
  return state.messages.map((one) => one.seq);
}

describe("the log", () => {
  test("grows in order and drops what it knows", () => {
    const state = run(heard(1, 2, 2, 1, 3));
    expect(seqs(state)).toEqual([1, 2, 3]);
    expect(has_gap(state)).toBe(false);
  });

  test("shows what was edited or withdrawn in its own place", () => {
    const state = run([
      ...heard(1, 2),
      { type: "received", message: message(3, { kind: "edited", of: 1, text: "better" }) },
      { type: "received", message: message(4, { kind: "withdrawn", of: 2, text: "" }) },
    ]);
    expect(state.messages.slice(0, 2)).toMatchObject([
      { text: "better", edited: true },
      { text: "", withdrawn: true },
    ]);
    expect(state.last).toBe(4);
  });

  test("knows from the entries whether one waits, talks or is alone", () => {
    const status = (kind: string, role: "client" | "staff", from: RoomState) => {
      const sender = { id: "x", name: "X", role };
      return run([{ type: "received", message: message(from.last + 1, { kind, sender }) }], from);
    };
    const claimed = status("claimed", "staff", run([]));
    expect(claimed.status).toBe("active");
    for (const kind of ["released", "vanished"])
      expect(status(kind, "staff", claimed).status).toBe("waiting");
    expect(status("left", "staff", claimed).status).toBe("active");
    for (const kind of ["left", "left_quickly"])
      expect(status(kind, "client", claimed).status).toBe("closed");
  });

  test("holds what comes early until the gap is filled", () => {
    const early = run(heard(1, 4, 3));
    expect(seqs(early)).toEqual([1]);
    expect(has_gap(early)).toBe(true);
    const filled = run([{ type: "fetched", messages: [message(2)] }], early);
    expect(seqs(filled)).toEqual([1, 2, 3, 4]);
    expect(has_gap(filled)).toBe(false);
  });

  test("is complete and in order whatever the network does, once history was fetched", () => {
    let seed = 7;
    const random = (below: number) => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return seed % below;
    };
    for (let round = 0; round < 300; round += 1) {
      const all = Array.from({ length: 12 }, (_, i) => message(i + 1));
      let state = new_room("r", "me");
      for (let step = 0; step < 20; step += 1) {
        const at = random(all.length);
        state = reduce_room(
          state,
          random(3) === 0
            ? { type: "fetched", messages: all.slice(state.last, state.last + random(4)) }
            : { type: "received", message: all[at] as Message },
        );
        expect(seqs(state)).toEqual(all.slice(0, state.last).map((one) => one.seq));
      }
      state = reduce_room(state, { type: "fetched", messages: all.slice(state.last) });
      expect(seqs(state)).toEqual(all.map((one) => one.seq));
      expect(has_gap(state)).toBe(false);
    }
  });

  test("of a long room begins with its end, and earlier pages go before it", () => {
    const last_seq = FIRST_VIEW + 30;
    let state = run([{ type: "joined", joined: joined({ last_seq }) }]);
    expect(state.first).toBe(30);
    state = run([{ type: "fetched", messages: [message(31), message(32)] }], state);
    expect(seqs(state)).toEqual([31, 32]);
    const page = [29, 30].map((seq) => message(seq));
    const earlier: RoomEvent = { type: "fetched_earlier", messages: page, before: 31, more: true };
    state = run([earlier, earlier], state);
    expect(seqs(state)).toEqual([29, 30, 31, 32]);
    expect(state.first).toBe(28);
  });

  test("announces nothing that was there at the beginning", () => {
    const state = run([
      { type: "fetched", messages: [message(1), message(2)] },
      { type: "caught_up" },
      ...heard(3),
      { type: "caught_up" },
    ]);
    expect(state.live_after).toBe(2);
  });

  test("closes the room for good", () => {
    const closed = run([{ type: "received", message: message(1, { kind: "closed" }) }]);
    expect(closed.status).toBe("closed");
    const later = run([{ type: "received", message: message(2, { kind: "claimed" }) }], closed);
    expect(later.status).toBe("closed");
  });

  test("closes the room when its client leaves, and not when a consultant does", () => {
    const left = (role: "client" | "staff"): RoomEvent => ({
      type: "received",
      message: message(1, { kind: "left", sender: { id: "x", name: "X", role } }),
    });
    expect(run([left("client")]).status).toBe("closed");
    expect(run([left("staff")]).status).toBe("waiting");
  });

  test("becomes active when somebody claims it", () => {
    expect(run([{ type: "received", message: message(1, { kind: "claimed" }) }]).status).toBe("active");
  });
});

describe("the outbox", () => {
  const said = (nonce: string): RoomEvent => ({
    type: "said",
    nonce,
    text: nonce,
    at: "2026-11-22T12:00:00Z",
  });

  test("sends one message at a time, in order", () => {
    let state = run([said("a"), said("b")]);
    expect(next_to_send(state)?.nonce).toBe("a");
    state = run([{ type: "sending", nonce: "a" }], state);
    expect(next_to_send(state)).toBeUndefined();
    state = run([{ type: "stored", nonce: "a" }], state);
    expect(next_to_send(state)?.nonce).toBe("b");
  });

  test("keeps a message until it is in the log", () => {
    let state = run([said("a"), { type: "sending", nonce: "a" }, { type: "stored", nonce: "a" }]);
    expect(state.pending).toHaveLength(1);
    state = run([{ type: "received", message: message(1, { ...MINE, nonce: "a" }) }], state);
    expect(state.pending).toEqual([]);
    expect(seqs(state)).toEqual([1]);
  });

  test("does not take the same nonce of somebody else for its own", () => {
    const state = run([said("a"), { type: "received", message: message(1, { nonce: "a" }) }]);
    expect(state.pending).toHaveLength(1);
  });

  test("sends again with the same nonce after a cut", () => {
    const state = run([said("a"), said("b"), { type: "sending", nonce: "a" }, { type: "disconnected" }]);
    expect(state.pending.map((one) => [one.nonce, one.status])).toEqual([
      ["a", "queued"],
      ["b", "queued"],
    ]);
    expect(undelivered(state)).toBe(2);
  });

  test("goes on with the next message when one was refused", () => {
    const state = run([
      said("a"),
      said("b"),
      { type: "sending", nonce: "a" },
      { type: "refused", nonce: "a", reason: "no" },
    ]);
    expect(next_to_send(state)?.nonce).toBe("b");
    const again = run([{ type: "tried_again", nonce: "a", next_nonce: "c" }], state);
    expect(again.pending[0]).toMatchObject({ nonce: "c", status: "queued", reason: "" });
    expect(run([{ type: "given_up", nonce: "a" }], state).pending.map((one) => one.nonce)).toEqual(["b"]);
  });
});

describe("marks", () => {
  test("unread counts messages of others only", () => {
    const state = run([
      ...heard(1),
      { type: "received", message: message(2, MINE) },
      ...heard(3),
      { type: "received", message: message(4, { kind: "joined" }) },
      ...heard(5),
    ]);
    // Speaking shows that I have seen what was before.
    expect(unread(state)).toBe(2);
    expect(unread(run([{ type: "seen", id: "me", seq: 5 }], state))).toBe(0);
  });

  test("what was seen or delivered never goes back, and one's own is not that of others", () => {
    expect(reached_others(run([]), "seen")).toBe(0);
    const state = run([
      { type: "seen", id: "other", seq: 5 },
      { type: "seen", id: "other", seq: 3, delivered: 7 },
      { type: "seen", id: "other", seq: 4, delivered: 6 },
      { type: "joined", joined: joined({ seen: { other: 4, me: 9 }, delivered: { other: 4, third: 8 } }) },
    ]);
    expect(reached_others(state, "seen")).toBe(5);
    expect(reached_others(state, "delivered")).toBe(8);
    expect(state.seen).toEqual({ other: 5, me: 9 });
    expect(state.delivered).toEqual({ other: 7, third: 8 });
  });

  test("typing ends by itself, by stopping, and by speaking", () => {
    const typed = (typing: boolean): RoomEvent => ({
      type: "typed",
      id: "other",
      name: "O",
      typing,
      now: 1000,
    });
    const typing = run([typed(true), typed(true)]);
    expect(typing.typing).toHaveLength(1);
    expect(run([{ type: "time_passed", now: 1000 + TYPING_MS }], typing).typing).toEqual([]);
    expect(run([typed(false)], typing).typing).toEqual([]);
    expect(run(heard(1), typing).typing).toEqual([]);
    expect(run([{ type: "typed", id: "me", name: "Me", typing: true, now: 1 }]).typing).toEqual([]);
  });
});
