// @vitest-environment happy-dom
/** Languages whose texts come slowly, late, or not at first. */

import { beforeEach, expect, test, vi } from "vitest";
import type { Language } from "../src/i18n/language.ts";

/** Who waits for the texts of a file; each gives one answer. */
let asked: Record<string, { come: () => void; fail: () => void }[]>;
let language: typeof import("../src/i18n/language.ts");
let texts: typeof import("../src/i18n/texts.ts");
let round = 0;

/** Modules of the browser itself are kept, also those that failed: each test has its own. */
const offer = (tag: string): Language => ({
  tag,
  name: tag,
  direction: tag === "ar" ? "rtl" : "ltr",
  texts: `data:text/javascript,const round=${round};export default await globalThis.catalog("${tag}.js")`,
});
const settle = () => new Promise((resolve) => setTimeout(resolve, 20));
/** What stands in the page, and what code says that came late. */
const said = () => [0, 1].map((number) => texts.tr(number as unknown as string));

async function come(file: string): Promise<void> {
  await settle();
  for (const one of asked[file]?.splice(0) ?? []) one.come();
  await settle();
}

beforeEach(async () => {
  round++;
  asked = {};
  vi.resetModules();
  language = await import("../src/i18n/language.ts");
  texts = await import("../src/i18n/texts.ts");
  Object.assign(globalThis, {
    catalog: (file: string) =>
      new Promise((resolve, reject) => {
        asked[file] ??= [];
        asked[file].push({ come: () => resolve([file]), fail: () => reject(new Error("no network")) });
      }),
  });
});

async function begin(): Promise<Language> {
  const english = offer("en");
  const spoken = language.change_language(english);
  await come("en.js");
  await spoken;
  return english;
}

for (const order of [
  ["ar.js", "en-late.js", "ar-late.js"],
  ["en-late.js", "ar.js", "ar-late.js"],
  ["ar.js", "ar-late.js", "en-late.js"],
]) {
  test(`what comes late has its texts, whatever comes in which order: ${order.join(", ")}`, async () => {
    await begin();
    const changed = language.change_language(offer("ar"));
    let late = false;
    const added = language.speak_late().then(() => {
      late = true;
    });
    for (const file of order) {
      await come(file);
      if (late) expect(said()).toEqual([`${texts.spoken()}.js`, `${texts.spoken()}-late.js`]);
    }
    await Promise.all([changed, added]);
    expect(said()).toEqual(["ar.js", "ar-late.js"]);
    expect(document.documentElement.dir).toBe("rtl");
  });
}

test("a language that could not be fetched leaves the one before as it was", async () => {
  await begin();
  const changed = language.change_language(offer("ar"));
  const added = language.speak_late();
  await settle();
  for (const one of asked["ar.js"] ?? []) one.fail();
  await expect(changed).rejects.toThrow("no network");
  await come("en-late.js");
  await added;
  expect(said()).toEqual(["en.js", "en-late.js"]);
});

test("of two languages the one chosen last is spoken and kept, whichever comes first", async () => {
  const { choose_language, kept_language } = await import("../src/look/language.ts");
  await begin();
  const offered = ["ar", "de"].map(offer);
  const first = choose_language(offered, "ar");
  const second = choose_language(offered, "de");
  await come("de.js");
  await come("ar.js");
  expect(await Promise.all([first, second])).toEqual([false, true]);
  expect(texts.spoken()).toBe("de");
  expect(document.documentElement.lang).toBe("de");
  expect(kept_language()).toBe("de");
});

test("texts that could not be fetched are asked for again, though the browser keeps that they were not there", async () => {
  const english = offer("en");
  const first = language.change_language(english);
  await settle();
  for (const one of asked["en.js"]?.splice(0) ?? []) one.fail();
  await expect(first).rejects.toThrow("no network");
  const second = language.change_language(english);
  await come("en.js");
  await second;
  expect(texts.tr(0 as unknown as string)).toBe("en.js");
});

test("so is code, by another name", async () => {
  const { Later } = await import("../src/client/later.ts");
  await begin();
  const names: string[] = [];
  const code = { some: "code" };
  const later = new Later(async (mark) => {
    names.push(`rare.js${mark}`);
    if (names.length < 3) throw new Error("no network");
    return code;
  });
  const draw = vi.fn();
  later.fetch(draw);
  await come("en-late.js");
  expect(later.failed).toBe(true);
  for (const [tries, failed] of [
    [2, true],
    [3, false],
  ]) {
    later.again(draw);
    // Whoever pressed sees that it is tried.
    expect(later.trying).toBe(true);
    await vi.waitFor(() => expect(names).toHaveLength(tries as number));
    await settle();
    if (failed) expect(later.trying).toBe(false);
  }
  expect(later.fetched).toBe(code);
  expect(new Set(names).size).toBe(3);
});
