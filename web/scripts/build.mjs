/**
 * Builds the browser app into src/hotline/web/static: in go the entries, out come hashed files, a manifest, and embed.js and
 * push.js under their fixed names. It never lets an old file stay. What all that weighs is for weigh.mjs to say.
 */

import { createHash } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { FIRST, PAGES, WORDED, WORKER } from "./apps.mjs";
import { shrunk } from "./shrink.mjs";
import { catalogs, ENGLISH, list_of, messages_of, messages_of_template, numbered } from "./texts.mjs";

const web = fileURLToPath(new URL("..", import.meta.url));
const out = fileURLToPath(new URL("../../src/hotline/web/static", import.meta.url));

const common = { root: web, configFile: false, logLevel: "warn" };
const target = ["es2022", "chrome111", "firefox114", "safari16.4"];

rmSync(out, { recursive: true, force: true });

// What few need is a file by itself, named to the apps by its address: an import that Vite knows would bring its loader of chunks along.
const LAZY = { LONGPOLL: "src/wamp/longpoll.ts", PROOF: "src/talk/proof.ts" };
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
    rolldownOptions: {
      input: Object.values(LAZY).map((file) => `${web}/${file}`),
      preserveEntrySignatures: "strict",
    },
  },
});
const lazy = Object.entries(LAZY).map(([name, file]) => [
  name,
  JSON.stringify(`/static/${collect()[file].file}`),
]);

await build({
  ...common,
  base: "/static/",
  publicDir: false,
  build: {
    target,
    outDir: out,
    emptyOutDir: false,
    manifest: "manifest.json",
    modulePreload: false,
    rolldownOptions: { input: `${web}/${FIRST}`, output: { format: "iife" } },
  },
});
collect();

/** In the client's page a renderer of a fifth of its size stands for Preact: it has what the client's views use. */
const LIGHT = [{ find: "preact", replacement: `${web}src/render/preact.ts` }];
/** Children as arguments are shorter than a list of them by name. */
const LIGHT_JSX = { runtime: "classic", pragma: "h", pragmaFrag: "Fragment" };
const FULL_JSX = { runtime: "automatic", importSource: "preact" };
const with_h = {
  name: "h",
  enforce: "pre",
  transform: (code, path) =>
    path.endsWith(".tsx") ? { code: `import { Fragment, h } from "preact";${code}`, map: null } : null,
};

// Each page's app is built on its own: one script and one style sheet, smaller together than with shared chunks.
const languages = [ENGLISH, ...catalogs()].map((one) => ({ ...one, texts: {} }));
for (const { name, entry, light } of PAGES) {
  const messages = messages_of(`${web}${entry}`);
  // The texts of what is fetched late lie beside the others.
  const first = messages_of(`${web}${entry}`, undefined, undefined, false).size;
  for (const language of messages.size > 0 ? languages : []) {
    const list = list_of(messages, language);
    const hash = createHash("sha256").update(JSON.stringify(list)).digest("base64url").slice(0, 8);
    const file = `assets/${name}-${language.tag}-${hash}`;
    const write = (suffix, texts) =>
      writeFileSync(`${out}/${file}${suffix}`, `export default ${JSON.stringify(texts)};`);
    language.texts[name] = `${file}.js`;
    write(".js", list.slice(0, first));
    if (first < list.length) write("-late.js", list.slice(first));
  }
  await build({
    ...common,
    plugins: [light && with_h, numbered(messages), shrunk(light)],
    resolve: { alias: light ? LIGHT : [] },
    base: "/static/",
    publicDir: false,
    define: Object.fromEntries(lazy),
    oxc: { jsx: light ? LIGHT_JSX : FULL_JSX },
    build: {
      target,
      minify: false,
      cssMinify: true,
      outDir: out,
      emptyOutDir: false,
      manifest: "manifest.json",
      // Needed by old browsers only, and more code in the client's small page.
      modulePreload: false,
      assetsInlineLimit: 0,
      rolldownOptions: {
        input: `${web}/${entry}`,
        output: { minify: { compress: false, mangle: false, codegen: true } },
        checks: { pluginTimings: false },
      },
    },
  });
  collect();
}
/** What the server says in a language, by what that is in English. */
const worded = new Map();
for (const template of WORDED) messages_of_template(`${web}${template}`, worded);
const words_in = (language) =>
  Object.fromEntries(list_of(worded, language).map((text, index) => [[...worded.keys()][index], text]));
const known = languages.map((one) => {
  const { tag, name, direction, texts } = one;
  return { tag, name, direction, texts, words: words_in(one) };
});
writeFileSync(`${out}/languages.json`, `${JSON.stringify(known, null, 2)}\n`);
writeFileSync(`${out}/manifest.json`, `${JSON.stringify(manifest, null, 2)}\n`);

/** A single script that stands by itself under a name that never changes. */
const alone = (entry, name, more = {}) =>
  build({
    ...common,
    ...more,
    publicDir: false,
    build: {
      target,
      outDir: out,
      emptyOutDir: false,
      lib: { entry: `${web}/${entry}`, formats: ["iife"], name: "hotline", fileName: () => name },
    },
  });
await alone("src/embed/embed.ts", "embed.js");
const said = messages_of(`${web}${WORKER}`);
const spoken = Object.fromEntries(languages.map((one) => [one.tag, list_of(said, one)]));
await alone(WORKER, "push.js", {
  plugins: [numbered(said)],
  define: { CATALOGS: JSON.stringify(spoken) },
});
