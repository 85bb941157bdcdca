/**
 * What an app weighs less by: in go its code and its style sheet as they were built, out come the same in fewer bytes. Two minifiers one
 * after the other make code smaller than either of them alone; the client's page also knows its own names by shorter ones.
 */

import { minify } from "terser";
import { minify as minify_first } from "vite";
import { OWN_NAMES } from "./names.mjs";

const OPTIONS = {
  ecma: 2022,
  module: true,
  compress: {
    passes: 4,
    keep_fargs: false,
    pure_getters: true,
    unsafe: true,
    unsafe_arrows: true,
    unsafe_methods: true,
  },
};
// Also names that the document has somewhere: the clients' pages use none of those.
const OWN = { mangle: { properties: { builtins: true, regex: new RegExp(`^(?:${OWN_NAMES.join("|")})$`) } } };
const FIRST = { module: true, compress: { target: "es2022" } };

/**
 * How Vite imports what is needed late: by a loader of style sheets and further chunks, and here there are none. Instead it takes a mark to
 * put behind the address: browsers may keep of an address that it could not be fetched.
 */
const LOADER = /\(\)\s*=>\s*__vitePreload\(\s*\(\)\s*=>\s*import\(([^)]*)\),[^)]*\)/g;
const MARKED = "(mark) => import($1 + mark)";

export function shrunk(light) {
  // What the parts of an app call by shorter names has the same in each: they are made smaller one after the other.
  const names = {};
  let before = Promise.resolve();
  const smaller = (code) =>
    minify(code, { ...OPTIONS, ...(light && { ...OWN, nameCache: { props: names } }) });
  return {
    name: "shrunk",
    async renderChunk(code, { fileName }) {
      const marked = code.replace(LOADER, MARKED);
      if (/__vitePreload\(/.test(marked))
        throw new Error(`${fileName}: imports something late in another way`);
      const first = await minify_first(fileName, marked, FIRST);
      const second = before.then(() => smaller(first.code));
      before = second;
      return { code: (await second).code, map: null };
    },
    generateBundle(_, bundle) {
      for (const file of light ? Object.values(bundle) : [])
        if (file.fileName.endsWith(".css")) file.source = lean(String(file.source));
    },
  };
}

/** Names that others know too: the server sets an organisation's colours, the script sets how high the page is. */
const KNOWN = /^--(accent|paper|visible)/;

/**
 * A style sheet with one-letter tokens, without those that nothing uses, and with the declarations of each rule by name: alike rules
 * then look alike to gzip. Shorthands come before what they are short for; where they do not already, the order says something and stays.
 */
export function lean(sheet) {
  let next = sheet;
  const tokens = [...new Set(sheet.match(/--[a-z][\w-]*/g))].filter((one) => !KNOWN.test(one));
  for (const [index, token] of tokens.entries()) {
    const used = sheet.includes(`var(${token})`);
    const [from, to] = used ? [`${token}(?![\\w-])`, `--${index.toString(36)}`] : [`${token}:[^;}]*;?`, ""];
    next = next.replaceAll(new RegExp(from, "g"), to);
  }
  const name = (declaration) => declaration.slice(0, declaration.indexOf(":"));
  return next.replace(/\{([^{}]+)\}/g, (_, body) => {
    const declarations = body.split(";").filter(Boolean);
    const undone = (one, index) =>
      declarations.slice(0, index).some((before) => name(before).startsWith(`${name(one)}-`));
    if (!declarations.some(undone))
      declarations.sort((one, other) => (name(one) < name(other) ? -1 : Number(name(one) > name(other))));
    return `{${declarations.join(";")}}`;
  });
}
