/**
 * Builds the browser app into src/hotline/web/static: in go the entries, out come hashed files, a manifest, and embed.js under its
 * fixed name. It fails when a page would load more than its budget, and never lets an old file stay.
 */

import { createHash } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "vite";
import { APPS } from "./apps.mjs";
import { catalogs, ENGLISH, list_of, messages_of, numbered } from "./texts.mjs";

const web = fileURLToPath(new URL("..", import.meta.url));
const out = fileURLToPath(new URL("../../src/hotline/web/static", import.meta.url));

/** The app of each page; the pages made on the server have a small script and no texts of their own. */
const PAGES = [...APPS, { name: "pages", entry: "src/pages/pages.ts", budget: 10_000 }];
const EMBED_BUDGET = 1_000;

const common = { root: web, configFile: false, logLevel: "warn" };
const target = ["es2022", "chrome111", "firefox114", "safari16.4"];

rmSync(out, { recursive: true, force: true });

// What few need is a file by itself, named to the apps by its address: an import that Vite knows would bring its loader of chunks along.
const LAZY = "src/wamp/longpoll.ts";
const manifest = {};
const collect = () => Object.assign(manifest, JSON.parse(readFileSync(`${out}/manifest.json`, "utf8")));
await build({
  ...common,
  base: "/static/",
  publicDir: "public",
  build: {
    target,
    outDir: out,
    emptyOutDir: false,
    manifest: "manifest.json",
    rolldownOptions: { input: `${web}/${LAZY}`, preserveEntrySignatures: "strict" },
  },
});
const longpoll = `/static/${collect()[LAZY].file}`;

/** In the client's page a renderer of a fifth of its size stands for Preact: it has what the client's views use. */
const LIGHT = [{ find: /^preact(\/jsx-runtime)?$/, replacement: `${web}src/render/preact.ts` }];

// Each page's app is built on its own: one script and one style sheet, smaller together than with shared chunks.
const languages = [ENGLISH, ...catalogs()].map((one) => ({ ...one, texts: {} }));
for (const { name, entry, light } of PAGES) {
  const messages = messages_of(`${web}${entry}`);
  for (const language of messages.size > 0 ? languages : []) {
    const texts = `export default ${JSON.stringify(list_of(messages, language))};`;
    const hash = createHash("sha256").update(texts).digest("base64url").slice(0, 8);
    language.texts[name] = `assets/${name}-${language.tag}-${hash}.js`;
    writeFileSync(`${out}/${language.texts[name]}`, texts);
  }
  await build({
    ...common,
    plugins: [numbered(messages)],
    resolve: { alias: light ? LIGHT : [] },
    base: "/static/",
    publicDir: false,
    define: { LONGPOLL: JSON.stringify(longpoll) },
    oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
    build: {
      target,
      outDir: out,
      emptyOutDir: false,
      manifest: "manifest.json",
      // Needed by old browsers only, and more code in the client's small page.
      modulePreload: false,
      assetsInlineLimit: 0,
      rolldownOptions: { input: `${web}/${entry}` },
    },
  });
  collect();
}
const known = languages.map(({ tag, name, direction, texts }) => ({ tag, name, direction, texts }));
writeFileSync(`${out}/languages.json`, `${JSON.stringify(known, null, 2)}\n`);
writeFileSync(`${out}/manifest.json`, `${JSON.stringify(manifest, null, 2)}\n`);
await build({
  ...common,
  publicDir: false,
  build: {
    target,
    outDir: out,
    emptyOutDir: false,
    lib: {
      entry: `${web}/src/embed/embed.ts`,
      formats: ["iife"],
      name: "hotline",
      fileName: () => "embed.js",
    },
  },
});

const size = (file) => gzipSync(readFileSync(`${out}/${file}`), { level: 9 }).length;

/** An entry's own files and those of everything it imports, each once. */
function files_of(key, found = new Set()) {
  const chunk = manifest[key];
  found.add(chunk.file);
  for (const sheet of chunk.css ?? []) found.add(sheet);
  for (const other of chunk.imports ?? []) files_of(other, found);
  return found;
}

let over = false;
function check(name, bytes, budget) {
  over ||= bytes > budget;
  const verdict = bytes > budget ? "TOO LARGE" : "fine";
  console.log(`${name.padEnd(24)} ${String(bytes).padStart(7)} of ${budget} bytes gzipped: ${verdict}`);
}
for (const { name, entry, budget } of PAGES) {
  const own = [...files_of(entry)].reduce((sum, file) => sum + size(file), 0);
  if (name === "pages") check(name, own, budget);
  else for (const { tag, texts } of languages) check(`${name} ${tag}`, own + size(texts[name]), budget);
}
check("embed.js", size("embed.js"), EMBED_BUDGET);
process.exitCode = over ? 1 : 0;
