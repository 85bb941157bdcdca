/** Words in the reader's language, and the catalogs they come from. */

import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { parse_po, write_po } from "../scripts/po.mjs";
import { list_of, messages_in, messages_of_template, numbered, problems_of } from "../scripts/texts.mjs";
import { isolated, plural, speak, tr } from "../src/i18n/texts.ts";

const PO = `# Translators' words stay.
msgid ""
msgstr ""
"Language: ar\\n"
"X-Name: Arabic\\n"

# A remark.
msgid "Say \\"{name}\\""
msgstr ""
"first \\n"
"{name}"

msgid "{count} minute"
msgid_plural "{count} minutes"
msgstr[0] "zero"
msgstr[1] "one"
msgstr[2] "two"
msgstr[3] "few"
msgstr[4] "many"
msgstr[5] "other {count}"
`;
const SIX = ["zero", "one", "two", "few", "many", "other"];
const MESSAGES = new Map([
  ['Say "{name}"', { id: 'Say "{name}"', plural: "", places: [] }],
  ["{count} minute", { id: "{count} minute", plural: "{count} minutes", places: [] }],
]);

afterEach(() => speak("en", []));

describe("texts", () => {
  test("stand for themselves where nothing was built", () => {
    expect(tr("Hello {name}", { name: "Kim" })).toBe("Hello Kim");
    expect([0, 1, 2].map((count) => plural(count, "{count} hour", "{count} hours"))).toEqual([
      "0 hours",
      "1 hour",
      "2 hours",
    ]);
  });

  test("come from the catalog by their number, with the plural forms of the language", () => {
    const { messages } = parse_po(PO);
    speak("ar", list_of(MESSAGES, { plurals: SIX, messages }));
    const built = (number) => number;
    expect(tr(built(0), { name: "Kim" })).toBe("first \nKim");
    const said = [0, 1, 2, 3, 11, 100].map((count) => plural(count, built(1)));
    expect(said).toEqual(["zero", "one", "two", "few", "many", "other 100"]);
  });

  test("never let a name turn the sentence round", () => {
    expect(isolated("Mara")).toBe("Mara");
    expect(isolated("مها\u202e")).toBe("\u2068مها\u2069");
  });
});

describe("the tools", () => {
  const source = `const a = tr("One", { x: tr("Two") });\nplural(n, "{count} day", "{count} days");`;

  test("find the texts of a source, and put numbers in their place", () => {
    const { found } = messages_in("/x/a.tsx", source);
    expect(found.map(({ id, plural }) => [id, plural])).toEqual([
      ["One", ""],
      ["Two", ""],
      ["{count} day", "{count} days"],
    ]);
    const plugin = numbered(new Map(found.map((one) => [one.id, one])));
    const path = new URL("../src/a.tsx", import.meta.url).pathname;
    expect(plugin.transform(source, path)?.code).toBe(
      "const a = tr(0, { x: tr(1) });\nplural(n, 2, void 0);",
    );
    expect(() => messages_in("/x/a.ts", "tr(some)")).toThrow("as it stands");
  });

  test("find those of a page that the server makes", () => {
    const page = (name) =>
      fileURLToPath(new URL(`../../src/hotline/web/templates/${name}.html.jinja`, import.meta.url));
    const found = messages_of_template(
      page("listed"),
      new Map([["Exit now", { plural: "", places: ["a"] }]]),
    );
    expect([...found.keys()]).toContain("Group conversations");
    expect(found.get("Exit now")?.places).toHaveLength(2);
    expect(messages_of_template(page("anteroom")).size).toBe(0);
  });

  test("read and write a catalog without a change", () => {
    const { header, messages } = parse_po(PO);
    const written = write_po({ header, messages: [...messages.values()] });
    expect(parse_po(written)).toEqual({ header, messages });
    expect(written).toContain("# Translators' words stay.");
    expect(written).toContain("# A remark.");
  });

  test.each([
    ["nothing", PO, []],
    [
      "a missing text",
      PO.replace("first", "").replace('{name}"\n\nmsgid "{count}', '"\n\nmsgid "{count}').replace(" \\n", ""),
      ["ar: missing"],
    ],
    ["a missing form", PO.replace('"few"', '""'), ["ar: missing"]],
    ["an obsolete text", `${PO}\nmsgid "Old"\nmsgstr "old"\n`, ["ar: obsolete"]],
    ["a lost name", PO.replace('"{name}"\n\n', '"name"\n\n'), ["ar: other {names}"]],
    ["an uncertain one", PO.replace("# A remark.", "#, fuzzy"), ["ar: not certain"]],
  ])("name what is wrong with a catalog: %s", (_, po, expected) => {
    const { header, messages } = parse_po(po);
    const problems = problems_of({ tag: "ar", name: header["X-Name"], plurals: SIX, messages }, MESSAGES);
    expect(problems.map((problem) => problem.split(":").slice(0, 2).join(":"))).toEqual(expected);
  });
});
