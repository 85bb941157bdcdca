import { describe, expect, test } from "vitest";
import { appointment_text } from "../src/anteroom/dates.ts";
import { here_text, readers_text, wait_text } from "../src/anteroom/facts.ts";
import { limits_text, rest_text } from "../src/anteroom/limits.ts";
import { data_notice } from "../src/client/notice.ts";
import { until } from "../src/console/view_top.tsx";
import { day_and_time, until_text, waiting_time } from "../src/console/waiting.ts";
import { NEW_ANTEROOM, reduce_anteroom } from "../src/state/anteroom.ts";
import {
  appointed_entries,
  type ClientlistEvent,
  EMPTY_CLIENTLIST,
  type Filter,
  is_filtering,
  languages_of,
  left_entries,
  longest_since,
  NO_FILTER,
  passes,
  reduce_clientlist,
  type Sort,
  served_entries,
  sorted,
  waiting_entries,
} from "../src/state/clientlist.ts";
import { link_line } from "../src/state/connection.ts";
import { type ConsoleEvent, new_console, reduce_console } from "../src/state/console.ts";
import type { Entry, Note } from "../src/state/desk_types.ts";
import { add_notes, has_note_gap, NO_NOTES } from "../src/state/notes.ts";
import { attention } from "../src/state/overview.ts";
import type { Description } from "../src/state/types.ts";
import { clock_time, day_label } from "../src/views/times.ts";

function entry(room: string, change: Partial<Entry> = {}): Entry {
  return {
    room,
    name: room,
    status: "waiting",
    since: "2026-11-22T12:00:00.000Z",
    position: null,
    served_by: null,
    unread: 0,
    present: true,
    ...change,
  };
}

function changed(change: "added" | "updated" | "removed", room: Entry): ClientlistEvent {
  return { type: "changed", change: { change, room } };
}

const rooms = (entries: Entry[]) => entries.map((one) => one.room);
const list = (...events: ClientlistEvent[]) => events.reduce(reduce_clientlist, EMPTY_CLIENTLIST);

describe("the clientlist", () => {
  test("an old answer never hides a change heard while fetching", () => {
    const state = list(
      { type: "fetching" },
      changed("removed", entry("a")),
      changed("added", entry("c", { position: 2 })),
      { type: "fetched", entries: [entry("a"), entry("b", { position: 1 })] },
    );
    expect(waiting_entries(state).map((one) => one.room)).toEqual(["b", "c"]);
    expect(state.ready).toBe(true);
  });

  test("a new fetch replaces everything", () => {
    const state = list(
      { type: "fetched", entries: [entry("a")] },
      { type: "fetching" },
      { type: "fetched", entries: [] },
    );
    expect(state.entries).toEqual({});
  });

  test("shows who waits in order of arrival, and mine before those of others", () => {
    const by = (id: string) => ({ status: "active" as const, served_by: { id, name: id } });
    const state = list({
      type: "fetched",
      entries: [
        entry("b", { position: 1, since: "2026-11-22T12:02:00.000Z" }),
        entry("a", { position: 3, since: "2026-11-22T12:01:00.000Z" }),
        entry("y", by("you")),
        entry("x", by("me")),
        entry("z", { ...by("you"), asked: ["me"] }),
      ],
    });
    expect(rooms(waiting_entries(state))).toEqual(["a", "b"]);
    expect(rooms(served_entries(state, "me"))).toEqual(["z", "x", "y"]);
  });

  test("who lost its consultant goes first, then who is urgent; left messages stand apart", () => {
    const at = (minute: number) => ({ since: `2026-11-22T12:0${minute}:00.000Z` });
    const state = list({
      type: "fetched",
      entries: [
        entry("early", at(1)),
        entry("urgent", { ...at(3), priority: 1 }),
        entry("letter", { ...at(0), left_message: true }),
        entry("vanished", { ...at(4), vanished_since: "2026-11-22T12:05:00.000Z" }),
      ],
    });
    expect(rooms(waiting_entries(state))).toEqual(["vanished", "urgent", "early"]);
    expect(rooms(left_entries(state))).toEqual(["letter"]);
  });

  test("who has come to an appointment is first but for who is urgent; the others are listed by their time", () => {
    const at = (hour: string, kept = false) => ({
      appointment: { at: `2026-11-22T${hour}:00:00.000Z`, until: "", with: null, kept },
    });
    const state = list(
      { type: "fetching" },
      {
        type: "fetched",
        entries: [
          entry("early", { since: "2026-11-22T10:00:00.000Z" }),
          entry("second", at("15", true)),
          entry("first", at("14", true)),
          entry("urgent", { priority: 1 }),
          entry("tomorrow", { status: "closed", ...at("17") }),
          entry("soon", { status: "active", ...at("16") }),
        ],
      },
    );
    expect(rooms(waiting_entries(state))).toEqual(["urgent", "first", "second", "early"]);
    expect(rooms(appointed_entries(state))).toEqual(["soon", "tomorrow"]);
    expect(rooms(served_entries(state, "me"))).toEqual(["soon"]);
  });

  test("what a line does not say any more is over", () => {
    const state = list(
      { type: "fetched", entries: [entry("a", { priority: 1, asked: ["me"] })] },
      changed("updated", entry("a")),
    );
    expect(state.entries.a).toEqual(entry("a"));
  });

  test("a filter lets through what has all it asks for", () => {
    const one = entry("a", { name: "Robin", topic: "School", language: "de", priority: 1 });
    const asks = (filter: Partial<Filter>) => passes(one, { ...NO_FILTER, ...filter }, "me");
    expect([asks({}), asks({ text: " scho" }), asks({ text: "ROB", language: "de" })]).toEqual([
      true,
      true,
      true,
    ]);
    expect([asks({ text: "home" }), asks({ language: "fr" }), asks({ show: "mine" })]).toEqual([
      false,
      false,
      false,
    ]);
    expect(asks({ show: "urgent" })).toBe(true);
    for (const change of [{ asked: ["me"] }, { members: [{ id: "me", name: "Me" }] }]) {
      expect(passes({ ...one, ...change }, { ...NO_FILTER, show: "mine" }, "me")).toBe(true);
    }
    expect([is_filtering(NO_FILTER), is_filtering({ ...NO_FILTER, language: "de" })]).toEqual([false, true]);
    expect(languages_of(list({ type: "fetched", entries: [one, entry("b")] }))).toEqual(["de"]);
  });
});

test("the list is read in the order somebody wants, and among equals as it was", () => {
  const at = (minute: number) => ({ since: `2026-11-22T12:0${minute}:00.000Z` });
  const waiting = [
    entry("a", { ...at(5), name: "Émile", priority: 1 }),
    entry("b", { ...at(1), name: "Zoe", topic: "School", language: "fr" }),
    entry("c", { ...at(3), name: "Adam", topic: "Family", language: "de" }),
    entry("d", { ...at(4), name: "Finn", topic: "Family" }),
  ];
  const order = (sort: Sort) => rooms(sorted(waiting, sort)).join("");
  expect(order("turn")).toBe("abcd");
  expect(order("wait")).toBe("bcda");
  expect(order("name")).toBe("cadb");
  expect(order("topic")).toBe("cdba");
  expect(order("language")).toBe("cbad");
  expect(longest_since(waiting)).toBe(at(1).since);
  expect(longest_since([])).toBeUndefined();
});

describe("notes", () => {
  const note = (seq: number): Note => ({
    seq,
    at: "2026-11-22T12:00:00.000Z",
    kind: "note",
    text: String(seq),
    sender: { id: "ben", name: "Ben", role: "staff" },
  });

  test("stand in order, each once, and a gap is known", () => {
    const gap = add_notes(add_notes(NO_NOTES, [note(1)]), [note(3)]);
    expect([gap.last, has_note_gap(gap)]).toEqual([1, true]);
    const whole = add_notes(gap, [note(3), note(2)], true);
    expect(whole.notes.map((one) => one.seq)).toEqual([1, 2, 3]);
    expect([whole.last, has_note_gap(whole), whole.ready]).toEqual([3, false, true]);
  });
});

describe("the console", () => {
  const run = (...events: ConsoleEvent[]) =>
    events.reduce(reduce_console, new_console({ id: "me", name: "Me", role: "staff" }));
  const open = (room: string, front = true): ConsoleEvent => ({ type: "opened", room, front });

  test("closing the front tab shows its neighbour, and at last the list", () => {
    const state = run(open("a"), open("b"), open("c"), { type: "chosen", room: "b" });
    const one = reduce_console(state, { type: "closed_tab", room: "b" });
    expect(one.active).toBe("c");
    const none = ["a", "c"].reduce((s, room) => reduce_console(s, { type: "closed_tab", room }), one);
    expect([none.active, none.profile_of, none.column, none.tabs]).toEqual([null, null, "list", []]);
  });

  test("opening a room in the background leaves the front alone", () => {
    const state = run(open("a"), open("b", false), open("a", false));
    expect([state.active, state.tabs]).toEqual(["a", ["a", "b"]]);
  });

  test("counts those who wait and unread messages for the title", () => {
    const state = run(
      { type: "list", event: { type: "fetched", entries: [entry("w"), entry("a", { status: "active" })] } },
      open("a"),
      {
        type: "room",
        room: "a",
        event: {
          type: "received",
          message: {
            seq: 1,
            at: "",
            kind: "message",
            text: "hi",
            nonce: null,
            sender: { id: "c", name: "C", role: "client" },
          },
        },
      },
    );
    expect(attention(state)).toBe(2);
  });

  test("forgets what clients told, and what was written about them, once they are in no list and no tab", () => {
    const profile = { name: "A", language: null, answers: {}, entered_at: "" };
    const record = { answers: {}, saved_at: "", saved_by: null };
    const known = (room: string): ConsoleEvent[] => [
      { type: "profile", room, profile },
      { type: "record", room, record },
    ];
    const state = run(
      { type: "list", event: { type: "fetched", entries: [entry("listed"), entry("looked_at")] } },
      ...["listed", "looked_at", "open"].flatMap(known),
      open("open"),
      { type: "profile_wanted", room: "looked_at" },
    );
    const left = ({ profiles, records }: typeof state) => [
      Object.keys(profiles),
      Object.keys(records.by_room),
    ];
    const gone = reduce_console(state, { type: "list", event: { type: "fetched", entries: [] } });
    expect(left(gone)).toEqual([
      ["looked_at", "open"],
      ["looked_at", "open"],
    ]);
    expect(left(reduce_console(gone, { type: "closed_tab", room: "open" }))).toEqual([[], []]);
  });

  test("a dialog about the room in front goes with it, another one stays", () => {
    const state = run(open("a"), open("b", false), { type: "dialog", dialog: "end" });
    expect(reduce_console(state, { type: "closed_tab", room: "b" }).dialog).toBe("end");
    expect(reduce_console(state, { type: "closed_tab", room: "a" }).dialog).toBeNull();
    const settings = reduce_console(state, { type: "dialog", dialog: "settings" });
    expect(reduce_console(settings, { type: "chosen", room: "b" }).dialog).toBe("settings");
  });

  test("ignores news of a room whose tab is closed", () => {
    const state = run();
    expect(reduce_console(state, { type: "room", room: "x", event: { type: "caught_up" } })).toBe(state);
  });
});

describe("the anteroom", () => {
  const description: Description = {
    organisation: "Help",
    open: true,
    logo_text: null,
    waiting: 0,
    questions: [],
    notice: "",
    service: "open",
    opens_at: null,
    dismisses_at: null,
    grace_seconds: 180,
    time_zone: "UTC",
    schedule: null,
    consultants_here: 1,
    estimate: null,
    texts: {},
    elsewhere: [],
    may_leave_message: false,
    neutral_title: false,
    exit_url: null,
    consent: null,
    group_notice: "",
    message_notice: "",
    notice_facts: {
      managers_may_read: true,
      answers_shown_to_staff: true,
      address_kept: false,
      counts_kept: true,
    },
  };
  const entered = { type: "entered" as const, entered: { client: "c", room: "r", key: "k", position: 2 } };

  test("shows the form when open, and says so when closed", () => {
    expect(reduce_anteroom(NEW_ANTEROOM, { type: "described", description }).screen).toBe("form");
    const closed = { ...description, open: false };
    expect(reduce_anteroom(NEW_ANTEROOM, { type: "described", description: closed }).screen).toBe("away");
  });

  test("stays where somebody fills something in, whether or not it closes or opens, until they go on", () => {
    const closed = { ...description, open: false };
    for (const [first, then, from, to] of [
      [description, closed, "form", "away"],
      [closed, description, "away", "form"],
    ] as const) {
      let state = reduce_anteroom(NEW_ANTEROOM, { type: "described", description: first });
      state = reduce_anteroom(state, { type: "writing", writing: true });
      state = reduce_anteroom(state, { type: "described", description: then });
      expect(state).toMatchObject({ screen: from, description: then });
      state = reduce_anteroom(state, { type: "writing", writing: false });
      expect(state).toMatchObject({ screen: to, asked: "leave_message" });
    }
  });

  test("keeps the room's log over a reconnection", () => {
    let state = reduce_anteroom(NEW_ANTEROOM, entered);
    const { room } = state;
    state = reduce_anteroom(state, { type: "returned", client: "c", room: "r" });
    expect(state.room).toBe(room);
  });

  test("leaves what is written before the eyes of somebody who did not leave", () => {
    const waiting = reduce_anteroom(NEW_ANTEROOM, entered);
    expect(reduce_anteroom(waiting, { type: "left" })).toMatchObject({ screen: "ended", room: null });
    const closed = reduce_anteroom(waiting, {
      type: "room",
      event: { type: "status_changed", status: "closed" },
    });
    expect(closed).toMatchObject({ screen: "room", room: { status: "closed" } });
  });

  test("waits again when the consultant has gone, and not because a place is told late", () => {
    const kim = { id: "kim", name: "Kim", role: "staff" } as const;
    const place = { position: 1, waiting: 1, served: 0, consultants_here: 1, estimate: null };
    let state = reduce_anteroom(NEW_ANTEROOM, entered);
    const kinds = ["entered", "claimed", "message", "left", "claimed", "transferred", "joined"];
    const statuses = kinds.map((kind, index) => {
      const message = { seq: index + 1, at: "", kind, text: "", sender: kim, nonce: null };
      state = reduce_anteroom(state, { type: "room", event: { type: "received", message } });
      state = reduce_anteroom(state, { type: "placed", place, now: 0 });
      return state.room?.status;
    });
    expect(statuses).toEqual(["waiting", "active", "active", "waiting", ...Array(3).fill("active")]);
    expect(state.place?.position).toBe(1);
  });

  test("tells an appointment until something else is said of it", () => {
    const place = { position: null, waiting: 0, served: 1 };
    const appointment = {
      at: "2026-11-24T12:00:00.000Z",
      until: "2026-11-24T12:30:00.000Z",
      cancelled: false,
      return_code: true,
    };
    let state = reduce_anteroom(NEW_ANTEROOM, entered);
    for (const [change, told] of [
      [{ appointment }, appointment],
      [{}, appointment],
      [{ appointment: null }, null],
    ] as const) {
      state = reduce_anteroom(state, { type: "placed", place: { ...place, ...change }, now: 0 });
      expect(state.place?.appointment).toEqual(told);
    }
    expect(appointment_text(appointment)).toMatch(
      /^Your appointment: .*24 November .* your place are kept\.$/,
    );
    expect(appointment_text({ ...appointment, cancelled: true })).toContain("was cancelled");
  });

  test("tells whoever waits what others waited, and before it happens what ends the wait", () => {
    expect([undefined, 0, 1, 2].map(here_text)).toEqual([
      "",
      "Nobody is here just now.",
      "1 consultant is here.",
      "2 consultants are here.",
    ]);
    expect([wait_text(), wait_text(null)]).toEqual(["", ""]);
    expect(wait_text({ low_minutes: 0, high_minutes: 3 })).toBe("Others waited less than 3 min lately.");
    expect(wait_text({ low_minutes: 5, high_minutes: 10 })).toBe("Others waited about 5 to 10 min lately.");
    const now = new Date(2026, 10, 22, 16, 59);
    const closing = { ...description, dismisses_at: new Date(2026, 10, 22, 18, 0).toISOString() };
    const kept = "Without connection your place is kept for 3 min.";
    expect(limits_text(null, now)).toBe("");
    expect(limits_text(closing, now)).toBe(kept);
    expect(limits_text(closing, new Date(2026, 10, 22, 17, 1))).toBe(
      `We close at 18:00; who still waits then has to come again. ${kept}`,
    );
    expect(limits_text({ ...closing, dismisses_at: null, grace_seconds: 0 }, now)).toBe("");
  });

  test("says less and less of the wait, never nothing, and plainly when it takes longer", () => {
    const told_at = Date.UTC(2026, 10, 22, 16, 0);
    const estimate = { low_minutes: 5, high_minutes: 15 };
    const rest = (minutes: number) => rest_text(estimate, told_at, new Date(told_at + minutes * 60_000));
    const longer = "It takes longer than usual. You keep your place.";
    expect(rest(0)).toBe("It may take about 5 to 15 min more.");
    // A clock that was set back makes no wait longer.
    expect(rest(-3)).toBe(rest(0));
    expect(rest(4.9)).toBe("It may take about 1 to 11 min more.");
    expect(rest(5)).toBe("It may take up to 10 min more.");
    expect(rest(14)).toBe("It may take up to 1 min more.");
    expect([rest(15), rest(90)]).toEqual([longer, longer]);
    expect(rest_text({ low_minutes: 0, high_minutes: 0 }, told_at, new Date(told_at))).toBe(longer);
    expect(rest_text(null, told_at, new Date(told_at))).toBe("");
  });

  test("says what is kept in the server's words first", () => {
    const notice = "It is deleted.";
    const said = data_notice({ ...description, notice }, readers_text(description));
    expect(said.startsWith(`${notice} Those who talk with you`)).toBe(true);
    expect(said).toContain("Who is in charge at Help can join, and you see that. They can also read");
  });

  test("a lost answer leaves the form usable", () => {
    const entering = reduce_anteroom(NEW_ANTEROOM, { type: "asked" });
    const cut = reduce_anteroom(entering, { type: "linked", link: { status: "waiting", offline: false } });
    expect(cut.awaited).toBe(false);
  });
});

describe("words", () => {
  test("the connection line tells the truth", () => {
    expect(link_line({ status: "connected", offline: false }, 0).text).toBe("Connected");
    expect(link_line({ status: "connected", offline: false }, 1).text).toBe(
      "Connected. 1 message not yet delivered.",
    );
    expect(link_line({ status: "waiting", offline: false }, 2).text).toBe(
      "Reconnecting … 2 messages not yet delivered.",
    );
    expect(link_line({ status: "waiting", offline: true }, 0).text).toBe("You are offline.");
  });

  test("times are short", () => {
    const now = new Date(2026, 10, 22, 12, 30);
    const at = (...parts: [number, number, number, number, number]) => new Date(...parts).toISOString();
    expect(clock_time(at(2026, 10, 22, 9, 5))).toBe("09:05");
    expect(day_label(at(2026, 10, 22, 0, 0), now)).toBe("Today");
    expect(day_label(at(2026, 10, 21, 23, 59), now)).toBe("Yesterday");
    expect(day_label(at(2026, 10, 20, 9, 5), now)).toBe("Friday 20 November");
    expect(waiting_time(at(2026, 10, 22, 12, 30), now)).toBe("less than 1 min");
    expect(waiting_time(at(2026, 10, 22, 12, 29), now)).toBe("1 min");
    expect(waiting_time(at(2026, 10, 22, 11, 10), now)).toBe("1 h 20 min");
  });

  test("a day and a time are said in one, and a weekday of next month is a date", () => {
    const now = new Date(2026, 10, 24, 12, 30);
    const at = (month: number, day: number) => new Date(2026, month, day, 6, 15).toISOString();
    expect(day_and_time(at(10, 24), now)).toBe("Today, 06:15");
    expect(day_and_time(at(10, 23), now)).toBe("Yesterday, 06:15");
    expect(until_text(at(10, 24), now)).toBe("until today, 06:15");
    expect(until_text(at(11, 24), now)).toMatch(/^until Thu,? 24 Dec.* 06:15$/);
    const standing = { intake: "scheduled", service: "open", opens_at: null } as const;
    const open_until = (closes_at: string, time_zone?: string) =>
      until({ ...standing, closes_at, time_zone }, now);
    expect(open_until(at(10, 24))).toBe("until 06:15");
    expect(open_until(at(11, 24))).toMatch(/24 Dec.* 06:15$/);
    const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
    expect(open_until(at(10, 24), here)).toBe("until 06:15");
    expect(open_until(at(10, 24), "Asia/Ho_Chi_Minh")).toMatch(/^until 06:15 \(\d\d:\d\d in Ho Chi Minh\)$/);
  });
});
