import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Aids } from "../src/console/aids.ts";
import type { Wire } from "../src/console/wire.ts";
import {
  type Aids as AidsState,
  apart,
  filled,
  find_answers,
  find_referrals,
  NO_AIDS,
  type ReadyAnswer,
  type Referral,
  referral_text,
  typed_shortcut,
} from "../src/state/aids.ts";
import type { ConsoleEvent } from "../src/state/console.ts";
import type { Kwargs, Session } from "../src/wamp/session.ts";

const answer = (shortcut: string, more: Partial<ReadyAnswer> = {}): ReadyAnswer => ({
  id: shortcut,
  scope: "organisation",
  shortcut,
  text: `text of ${shortcut}`,
  language: null,
  ...more,
});
const referral = (name: string, more: Partial<Referral> = {}): Referral => ({
  id: name,
  name,
  contact: "0800 111",
  href: "tel:0800111",
  text: "",
  languages: [],
  topics: [],
  ...more,
});

test("placeholders become names, once, and nothing else changes", () => {
  const names = { client: "$& {consultant}", consultant: "Kim", organisation: "Haven" };
  expect(filled("{client}, {consultant} of {organisation}: {client}", names)).toBe(
    "$& {consultant}, Kim of Haven: $& {consultant}",
  );
  expect(filled("{Client} {clients} {} {constructor} { client }", names)).toBe(
    "{Client} {clients} {} {constructor} { client }",
  );
});

test("a shortcut begins where a word does", () => {
  const at_end = (text: string) => typed_shortcut(text, text.length);
  expect(at_end("/")).toEqual({ start: 0, word: "" });
  expect(at_end("Well, /hel")).toEqual({ start: 6, word: "hel" });
  expect(at_end("one\n/مر")).toEqual({ start: 4, word: "مر" });
  expect(typed_shortcut("/hello there", 3)).toEqual({ start: 0, word: "he" });
  for (const text of [
    "",
    "hello",
    "and/or",
    "https://x",
    "/hello ",
    "//",
    "/a/b",
    "1/2",
    `/${"x".repeat(31)}`,
  ]) {
    expect(at_end(text), text).toBeNull();
  }
});

test("answers are found by shortcut first, then by all words; the client's language goes first", () => {
  const answers = [
    answer("other", { text: "Say hello" }),
    answer("hello-de", { language: "de" }),
    answer("hello"),
    answer("hellos", { language: "de-AT" }),
    answer("Éte", { text: "x" }),
  ];
  const found = (typed: string, language: string | null = null) =>
    find_answers(answers, typed, language).map((one) => one.shortcut);
  expect(found("hello")).toEqual(["hello", "hello-de", "hellos", "other"]);
  expect(found("/HEL", "de-CH")).toEqual(["hello-de", "hellos", "hello", "other"]);
  expect(found("ete")).toEqual(["Éte"]);
  expect(found("hello say")).toEqual(["other"]);
  expect(found("nothing")).toEqual([]);
  expect(found("")).toHaveLength(5);
});

test("referrals are found by any of their words, and written with what one needs", () => {
  const night = referral("Night line", { text: "Until 6", languages: ["de"], topics: ["Sleep"] });
  const cafe = referral("Café", { contact: "https://x.example", href: "https://x.example" });
  const found = (typed: string, language: string | null = null) =>
    find_referrals([night, cafe], typed, language).map((one) => one.name);
  expect(found("")).toEqual(["Café", "Night line"]);
  expect(found("", "de")).toEqual(["Night line", "Café"]);
  expect(found("sleep 0800111")).toEqual(["Night line"]);
  expect(found("cafe")).toEqual(["Café"]);
  expect(found("cafe sleep")).toEqual([]);
  expect(referral_text(night)).toBe("Night line\n0800 111\nUntil 6");
  expect(referral_text(cafe)).toBe("Café\nhttps://x.example");
});

test("what is inserted does not run into what is there", () => {
  expect(apart("", "a", " ")).toBe("a");
  expect(apart("b", "a", " ")).toBe(" a");
  expect(apart("b\n", "a", " ")).toBe("a");
  expect(apart("b ", "a", "\n")).toBe("\na");
  expect(apart("b\n", "a", "\n")).toBe("a");
});

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** The wire as far as lists need it: pages come when the test says so. */
function wired() {
  const asked: { procedure: string; after: unknown; answer: (page: unknown) => Promise<void> }[] = [];
  const topics = new Map<string, (kwargs: Kwargs) => void>();
  let state: AidsState = NO_AIDS;
  const session = {} as Session;
  const wire = {
    me: "me",
    connection: { session },
    dispatch: (event: ConsoleEvent) => {
      if (event.type === "aids") state = { ...state, ...event.aids };
    },
    listen: async (_: Session, topic: string, heard: (kwargs: Kwargs) => void) => {
      topics.set(topic, heard);
    },
    try_for: (procedure: string, { after }: Kwargs) =>
      new Promise((resolve) => {
        const given = async (page: unknown) => {
          resolve(page);
          await vi.advanceTimersByTimeAsync(0);
        };
        asked.push({ procedure, after, answer: given });
      }),
  } as unknown as Wire;
  return { asked, topics, session, aids: new Aids(wire), state: () => state };
}

test("what changes while pages come is newer than what they hold", async () => {
  const { asked, topics, session, aids, state } = wired();
  void aids.opened(session);
  await vi.advanceTimersByTimeAsync(0);
  expect([...topics.keys()]).toEqual(["hotline.answers", "hotline.me.me.answers"]);
  await asked[0]?.answer({ answers: [answer("a"), answer("b")], more: true });
  expect(asked[1]).toMatchObject({ procedure: "hotline.answers.list", after: "b" });
  topics.get("hotline.answers")?.({ change: "removed", answer: { id: "a" } });
  topics.get("hotline.me.me.answers")?.({ change: "updated", answer: answer("b", { text: "newer" }) });
  await asked[1]?.answer({ answers: [answer("c")], more: false });
  expect(state().answers?.map((one) => one.text)).toEqual(["newer", "text of c"]);
  topics.get("hotline.answers")?.({ change: "removed", answer: { id: "c" } });
  expect(state().answers?.map((one) => one.id)).toEqual(["b"]);
});

test("after something was missed all is asked for again, and only the last answer counts", async () => {
  const { asked, topics, session, aids, state } = wired();
  void aids.opened(session);
  await vi.advanceTimersByTimeAsync(0);
  topics.get("hotline.answers")?.({ change: "missed" });
  await asked[1]?.answer({ answers: [answer("new")], more: false });
  await asked[0]?.answer({ answers: [answer("old")], more: false });
  expect(state().answers?.map((one) => one.id)).toEqual(["new"]);
  topics.get("hotline.answers")?.({ change: "missed" });
  await asked[2]?.answer(null);
  expect(state().answers?.map((one) => one.id)).toEqual(["new"]);
});

test("referrals are fetched when they are wanted, once for each connection", async () => {
  const { asked, topics, session, aids, state } = wired();
  aids.want_referrals();
  aids.want_referrals();
  await vi.advanceTimersByTimeAsync(0);
  expect(asked.map((one) => one.procedure)).toEqual(["hotline.referrals.list"]);
  await asked[0]?.answer({ referrals: [referral("one")], more: false });
  topics.get("hotline.referrals")?.({ change: "updated", referral: referral("two") });
  expect(state().referrals?.map((one) => one.name)).toEqual(["one", "two"]);
  void aids.opened(session);
  await vi.advanceTimersByTimeAsync(0);
  await asked[1]?.answer({ answers: [], more: false });
  expect(asked[2]?.procedure).toBe("hotline.referrals.list");
});
