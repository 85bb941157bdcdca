/** The apps there are: what each starts with, whether it does without Preact, and how much one page of it may load, gzipped, in bytes. */

export const APPS = [
  { name: "anteroom", entry: "src/anteroom/main.tsx", light: true, budget: 20_000 },
  { name: "console", entry: "src/console/main.tsx", budget: 120_000 },
];
