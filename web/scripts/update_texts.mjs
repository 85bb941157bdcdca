/**
 * Brings the catalogs up to date (`npm run texts`), or says what is missing (`--check`, part of `npm run lint`): in go the sources, out
 * come hotline.pot and each language's messages in the same order, the new ones empty and those that nobody needs any more gone.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { APPS, WORDED, WORKER } from "./apps.mjs";
import { parse_po, write_po } from "./po.mjs";
import { catalogs, messages_of, messages_of_template, problems_of, web } from "./texts.mjs";

const check = process.argv.includes("--check");
const messages = new Map();
const seen = new Set();
for (const entry of [...APPS.map((app) => app.entry), WORKER]) messages_of(join(web, entry), seen, messages);
for (const template of WORDED) messages_of_template(join(web, template), messages);

const header = {
  "": ["# The texts of hotline's apps. Made by `npm run texts`: change the sources, not this."],
  "Content-Type": "text/plain; charset=UTF-8",
  "Content-Transfer-Encoding": "8bit",
  "Plural-Forms": "nplurals=2; plural=(n != 1);",
};
const template = (keep) =>
  write_po({
    header,
    messages: [...messages.values()].map((one) => ({
      ...one,
      notes: [],
      places: keep ? one.places : [],
      texts: one.plural ? ["", ""] : [""],
    })),
  });
const pot = join(web, "locale", "hotline.pot");
let problems = [];
if (check) {
  // Lines move with every change; the messages have to be the same.
  const known = parse_po(readFileSync(pot, "utf8")).messages;
  if ([...known.keys()].sort().join("\n") !== [...messages.keys()].sort().join("\n")) {
    problems.push("hotline.pot is not up to date: run `npm run texts`");
  }
} else writeFileSync(pot, template(true));
for (const catalog of catalogs()) {
  if (!check) {
    const texts = [...messages.values()].map((one) => {
      const old = catalog.messages.get(one.id);
      const empty = Array.from({ length: one.plural ? catalog.plurals.length : 1 }, () => "");
      const fits = old && old.plural === one.plural;
      return { ...one, notes: old?.notes ?? [], places: [], texts: fits ? old.texts : empty };
    });
    writeFileSync(catalog.path, write_po({ header: catalog.header, messages: texts }));
    const gone = [...catalog.messages.keys()].filter((id) => !messages.has(id));
    if (gone.length > 0) console.log(`${catalog.tag}: taken out: ${gone.join(" | ")}`);
  }
}
for (const catalog of catalogs()) problems = problems.concat(problems_of(catalog, messages));
for (const problem of problems) console.error(problem);
if (problems.length === 0)
  console.log(`${messages.size} texts, complete in ${catalogs().length} languages beside English`);
process.exitCode = problems.length > 0 ? 1 : 0;
