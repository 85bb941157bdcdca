/**
 * Packs what was built and says what a page loads: in go the files of src/hotline/web/static, out come a `.gz` beside each, which the
 * server sends to whoever takes gzip, and the sum of each page. It fails when one is over its budget, and leaves nothing uncounted.
 */

import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import zopfli from "@gfx/zopfli";
import { EMBED_BUDGET, FIRST, FIRST_BUDGET, PAGES, WORKER_BUDGET } from "./apps.mjs";

const out = fileURLToPath(new URL("../../src/hotline/web/static", import.meta.url));

// Every browser unpacks what Zopfli packs, 3 % tighter than gzip does.
for (const path of readdirSync(out, { recursive: true })) {
  if (!/\.(css|js|json|svg)$/.test(path)) continue;
  const body = readFileSync(`${out}/${path}`);
  const packed = Buffer.from(await zopfli.gzipAsync(body, {}));
  if (!gunzipSync(packed).equals(body)) throw new Error(`${path}: packed wrongly`);
  if (packed.length < body.length) writeFileSync(`${out}/${path}.gz`, packed);
}

const read = (name) => JSON.parse(readFileSync(`${out}/${name}`, "utf8"));
const [manifest, languages] = [read("manifest.json"), read("languages.json")];

/** What goes over the line. */
const size = (file) =>
  statSync(existsSync(`${out}/${file}.gz`) ? `${out}/${file}.gz` : `${out}/${file}`).size;

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
for (const { name, entry, budget, whole } of PAGES) {
  const own = [...files_of(entry)].reduce((sum, file) => sum + size(file), 0);
  const spoken = languages.filter(({ texts }) => name in texts);
  if (spoken.length === 0) check(name, own, budget);
  const late = (manifest[entry].dynamicImports ?? []).reduce((sum, one) => sum + size(manifest[one].file), 0);
  for (const { tag, texts } of spoken) {
    const first = own + size(texts[name]);
    check(`${name} ${tag}`, first, budget);
    // With all that is fetched in a conversation.
    if (late)
      check(`${name} ${tag}, all`, first + late + size(texts[name].replace(".js", "-late.js")), whole);
  }
}
check("embed.js", size("embed.js"), EMBED_BUDGET);
check("push.js", size("push.js"), WORKER_BUDGET);
check(FIRST, size(manifest[FIRST].file), FIRST_BUDGET);
process.exitCode = over ? 1 : 0;
