/**
 * The texts of the apps: in go sources and catalogs, out come the messages that stand in them, sources with numbers in their place, and
 * one list of translations for each app and language. It says what is missing; it never invents a translation.
 */

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseSync, Visitor } from "vite";
import { parse_po } from "./po.mjs";

export const web = fileURLToPath(new URL("..", import.meta.url));
const LOCALE = join(web, "locale");
/** In the order of PO files. */
const CATEGORIES = { 2: ["one", "other"], 6: ["zero", "one", "two", "few", "many", "other"] };

/** The calls of `tr` and `plural` in a source: `{id, plural, start, end, place}` of their texts. */
export function messages_in(path, code) {
  const { program, errors } = parseSync(path, code);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0].message}`);
  const found = [];
  new Visitor({
    CallExpression({ callee, arguments: given }) {
      if (callee.type !== "Identifier" || (callee.name !== "tr" && callee.name !== "plural")) return;
      const texts = callee.name === "tr" ? given.slice(0, 1) : given.slice(1, 3);
      if (texts.some((one) => one.type !== "Literal" || typeof one.value !== "string")) {
        throw new Error(
          `${path}: ${callee.name} needs its text as it stands: ${code.slice(callee.start, callee.start + 60)}`,
        );
      }
      const [{ value: id, start }, second] = texts;
      const line = code.slice(0, start).split("\n").length;
      const place = `${relative(web, path)}:${line}`;
      found.push({ id, plural: second?.value ?? "", start, end: (second ?? texts[0]).end, place });
    },
  }).visit(program);
  return { found, program };
}

/** The messages of an app: of its entry and of all that it imports, in a lasting order. */
export function messages_of(entry, seen = new Set(), messages = new Map(), late = true) {
  if (seen.has(entry)) return messages;
  seen.add(entry);
  const code = readFileSync(entry, "utf8");
  const { found, program } = messages_in(entry, code);
  for (const { id, plural, place } of found) {
    const known = messages.get(id);
    if (known && known.plural !== plural) throw new Error(`with and without a plural: ${id}`);
    if (known) known.places.push(place);
    else messages.set(id, { id, plural, places: [place] });
  }
  for (const { type, source, importKind } of program.body) {
    // What is a type only is not built.
    if (importKind === "type" || !/^(Import|Export)/.test(type)) continue;
    if (!/^\..*\.tsx?$/.test(source?.value ?? "")) continue;
    messages_of(join(dirname(entry), source.value), seen, messages, late);
  }
  // What is imported late comes last.
  for (const [, path] of late ? code.matchAll(/(?<!typeof )\bimport\("(\.[^"]+\.tsx?)"\)/g) : [])
    messages_of(join(dirname(entry), path), seen, messages);
  return messages;
}

/** The messages of a page that the server makes: what its template has it `say`. */
export function messages_of_template(path, messages = new Map()) {
  const template = readFileSync(path, "utf8");
  for (const { 1: id, index } of template.matchAll(/\bsay\((?:"([^"]+)"\))?/g)) {
    if (!id) throw new Error(`${path}: say needs its text as it stands`);
    const place = `${relative(web, path)}:${template.slice(0, index).split("\n").length}`;
    if (messages.get(id)?.plural) throw new Error(`with and without a plural: ${id}`);
    if (messages.has(id)) messages.get(id).places.push(place);
    else messages.set(id, { id, plural: "", places: [place] });
  }
  return messages;
}

/** Puts numbers in the place of texts. */
export function numbered(messages) {
  const numbers = new Map([...messages.keys()].map((id, index) => [id, index]));
  return {
    name: "texts",
    enforce: "pre",
    transform(code, path) {
      if (!path.startsWith(join(web, "src")) || !/\.tsx?$/.test(path)) return null;
      const { found } = messages_in(path, code);
      if (found.length === 0) return null;
      let next = code;
      for (const { id, plural, start, end } of found.reverse()) {
        // What follows keeps its position in the call.
        const place = plural ? `${numbers.get(id)}, void 0` : numbers.get(id);
        next = `${next.slice(0, start)}${place}${next.slice(end)}`;
      }
      return { code: next, map: null };
    },
  };
}

/** The catalogs there are: `{tag, name, direction, plurals, messages}`. */
export function catalogs() {
  return readdirSync(LOCALE)
    .filter((file) => file.endsWith(".po"))
    .sort()
    .map((file) => {
      const path = join(LOCALE, file);
      const { header, messages } = parse_po(readFileSync(path, "utf8"));
      const plurals = CATEGORIES[Number(/nplurals=(\d)/.exec(header["Plural-Forms"])?.[1])];
      if (!plurals) throw new Error(`${file}: its Plural-Forms are not known`);
      return {
        path,
        tag: file.slice(0, -3),
        name: header["X-Name"],
        direction: header["X-Direction"] ?? "ltr",
        plurals,
        header,
        messages,
      };
    });
}

/** English, which is the source itself. */
export const ENGLISH = {
  tag: "en",
  name: "English",
  direction: "ltr",
  plurals: CATEGORIES[2],
  messages: new Map(),
};

/** An app's texts in one language, in the order of its numbers; where there is none, in English. */
export function list_of(messages, { plurals, messages: translated }) {
  return [...messages.values()].map(({ id, plural }) => {
    const texts = translated.get(id)?.texts.filter(Boolean) ?? [];
    if (!plural) return texts[0] ?? id;
    if (texts.length !== plurals.length) return { one: id, other: plural };
    const other = texts.at(-1);
    const forms = plurals.map((category, index) => [category, texts[index]]);
    // Whatever is missing is said like the last one.
    return Object.fromEntries(forms.filter(([category, text]) => category === "other" || text !== other));
  });
}

const names_in = (text) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort().join(" ");

/** What is wrong with a catalog, given the messages of all apps. */
export function problems_of({ tag, plurals, name, messages: translated }, messages) {
  const problems = name ? [] : [`${tag}: has no X-Name`];
  for (const { id, plural } of messages.values()) {
    const { texts = [], fuzzy, plural: known = "" } = translated.get(id) ?? {};
    const wanted = plural ? plurals.length : 1;
    if (texts.filter(Boolean).length !== wanted) problems.push(`${tag}: missing: ${id}`);
    else if (known !== plural) problems.push(`${tag}: another plural: ${id}`);
    else if (fuzzy) problems.push(`${tag}: not certain: ${id}`);
    for (const text of texts) {
      const given = names_in(text);
      const may_leave_out = plural && given === names_in(id.replaceAll("{count}", ""));
      if (text && given !== names_in(plural || id) && !may_leave_out)
        problems.push(`${tag}: other {names}: ${id}`);
      if (text && /^\s|\s$/.test(text) !== /^\s|\s$/.test(id))
        problems.push(`${tag}: other white space: ${id}`);
    }
  }
  for (const id of translated.keys()) if (!messages.has(id)) problems.push(`${tag}: obsolete: ${id}`);
  return problems;
}
