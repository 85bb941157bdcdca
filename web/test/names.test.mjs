import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseSync, Visitor } from "vite";
import { describe, expect, it } from "vitest";
import { OWN_NAMES } from "../scripts/names.mjs";
import { lean } from "../scripts/shrink.mjs";

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const read = (path) => readFileSync(at(path), "utf8");
const words = (text) => text.match(/\w+/g) ?? [];

/** The attributes that elements of the document get in the client's views. */
function attributes() {
  const found = [];
  for (const folder of ["../src/anteroom", "../src/client", "../src/group", "../src/views"]) {
    for (const file of readdirSync(at(folder)).filter((one) => one.endsWith(".tsx"))) {
      const { program } = parseSync(file, read(`${folder}/${file}`));
      new Visitor({
        JSXOpeningElement: ({ name, attributes }) => {
          if (/^[a-z]/.test(name.name)) for (const one of attributes) found.push(one.name?.name);
        },
      }).visit(program);
    }
  }
  return found;
}

describe("names that the client's page has shorter ones for", () => {
  it("are nobody else's", () => {
    const wire = [...read("../../docs/wamp.md").matchAll(/`([^`]+)`/g)]
      .map(([, text]) => text)
      .filter((text) => !text.startsWith("hotline."))
      .flatMap(words);
    const pages = ["anteroom", "group"].map((name) => `../../src/hotline/web/templates/${name}.html.jinja`);
    const page = words(pages.map(read).join());
    const shapes = ["types", "desk_types"].flatMap((name) => words(read(`../src/state/${name}.ts`)));
    const others = new Set([...shapes, ...wire, ...page, ...attributes()]);
    expect(others).toContain("retention_hours").toContain("nonce").toContain("enterkeyhint");
    expect(OWN_NAMES.filter((name) => others.has(name))).toEqual([]);
  });
});

/** What the language itself has, by name. */
function built_in() {
  const things = [
    Array,
    Date,
    Intl,
    JSON,
    Map,
    Math,
    Number,
    Object,
    Promise,
    RegExp,
    Set,
    String,
    URL,
    WeakMap,
  ];
  const [spoken, rules] = [new Intl.NumberFormat(), new Intl.PluralRules()];
  return [...things, ...things.map((one) => one.prototype), spoken, rules]
    .filter(Boolean)
    .flatMap((one) => [one, Object.getPrototypeOf(one)])
    .flatMap((one) => (one ? Object.getOwnPropertyNames(one) : []));
}

describe("names that the client's page has shorter ones for", () => {
  it("are none of the language's", () => {
    const known = new Set(built_in());
    expect(known).toContain("random").toContain("toString").toContain("then").toContain("select");
    expect(OWN_NAMES.filter((name) => known.has(name))).toEqual([]);
  });
});

describe("a lean style sheet", () => {
  it("says the same in fewer letters", () => {
    const sheet =
      ":root{--ink:#000;--accent:#123;--unused:1px}.a{width:1px;color:var(--ink);background:var(--accent)}";
    expect(lean(sheet)).toBe(
      ":root{--0:#000;--accent:#123}.a{background:var(--accent);color:var(--0);width:1px}",
    );
  });
  it("keeps the order where it says something", () => {
    expect(lean(".a{width:1px;width:2px;font:inherit;font-weight:600}")).toBe(
      ".a{font:inherit;font-weight:600;width:1px;width:2px}",
    );
    expect(lean(".a{width:1px;font-weight:600;font:inherit}")).toBe(
      ".a{width:1px;font-weight:600;font:inherit}",
    );
  });
});
