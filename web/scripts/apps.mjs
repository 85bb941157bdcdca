/**
 * The apps there are: what each starts with, whether it does without Preact, and how much one page of it may load, gzipped, in bytes: at first, and
 * altogether.
 */

export const APPS = [
  { name: "anteroom", entry: "src/anteroom/main.tsx", light: true, budget: 20_000, whole: 24_000 },
  { name: "console", entry: "src/console/main.tsx", budget: 120_000 },
  { name: "away", entry: "src/away/main.ts", budget: 5_000 },
  { name: "group", entry: "src/group/main.tsx", light: true, budget: 20_000, whole: 24_000 },
];

/** The app of each page; the pages made on the server have a small script, and no texts in the browser. */
export const PAGES = [
  ...APPS,
  { name: "pages", entry: "src/pages/pages.ts", budget: 10_000 },
  { name: "listed", entry: "src/group/listed.ts", light: true, budget: 2_500 },
];
/** Those of them that are made in the reader's language: their templates. */
export const WORDED = ["listed", "client"].map((name) => `../src/hotline/web/templates/${name}.html.jinja`);
export const EMBED_BUDGET = 1_000;
/** The service worker by which consultants are called: a file of its own, with all languages in it. */
export const WORKER = "src/push/worker.ts";
export const WORKER_BUDGET = 2_000;
/** Runs before a page of consultants is painted, so it stands by itself and is small. */
export const FIRST = "src/look/first.ts";
export const FIRST_BUDGET = 500;
