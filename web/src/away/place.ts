/**
 * Where a link leads: in goes what stands behind the # of the page that asks, out comes the place as people should see it; null where no
 * site is named. Pure.
 */

import { is_link } from "../views/links.ts";
import { own_letters } from "./punycode.ts";

export interface Place {
  /** The whole address, as the browser reads it. */
  href: string;
  /** With its port, where it has one of its own. */
  host: string;
  /** The same in its own letters; empty where these are the same. */
  letters: string;
  /** Whether letters of several alphabets stand in it: one of them may look like another. */
  mixed: boolean;
}

/** As they are called in Unicode; others count as one. */
const ALPHABETS = ["Arab", "Armn", "Cher", "Copt", "Cyrl", "Deva", "Geor", "Grek", "Hebr", "Thai"].map(
  (name) => new RegExp(`\\p{sc=${name}}`, "u"),
);
/** With Latin letters beside them these are written everywhere. */
const EVERYWHERE = /[\p{sc=Latn}\p{sc=Bopo}\p{sc=Hang}\p{sc=Hani}\p{sc=Hira}\p{sc=Kana}ー]/u;

export function place_of(fragment: string): Place | null {
  const address = fragment.replace(/^#/, "");
  if (!/^https?:\/\//i.test(address) || !is_link(address)) return null;
  const { href, host, hostname } = new URL(address);
  const letters = hostname.split(".").map(own_letters).join(".");
  const alphabets = new Set([...letters].filter((one) => /\p{L}/u.test(one)).map(alphabet_of));
  return { href, host, letters: letters === hostname ? "" : letters, mixed: alphabets.size > 1 };
}

function alphabet_of(letter: string): number {
  return EVERYWHERE.test(letter) ? -2 : ALPHABETS.findIndex((alphabet) => alphabet.test(letter));
}
