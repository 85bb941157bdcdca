/**
 * Ready answers and referrals as consultants insert them: in go what there is and what is typed, out come those meant, best first, and
 * the text for the composer. Pure.
 */

export interface ReadyAnswer {
  id: string;
  scope: "organisation" | "own";
  shortcut: string;
  text: string;
  language: string | null;
}

export interface Referral {
  id: string;
  name: string;
  contact: string;
  href: string;
  text: string;
  languages: string[];
  topics: string[];
}

export interface Aids {
  /** null: not fetched yet. */
  answers: ReadyAnswer[] | null;
  referrals: Referral[] | null;
}

export const NO_AIDS: Aids = { answers: null, referrals: null };

/** What the placeholders of a ready answer stand for. */
export interface Names {
  client: string;
  consultant: string;
  organisation: string;
}

/** A ready answer with names in the place of `{client}`, `{consultant}` and `{organisation}`; other braces are text. */
export function filled(text: string, names: Names): string {
  return text.replace(/\{(client|consultant|organisation)\}/g, (_, name: keyof Names) => names[name]);
}

/** A shortcut that is being typed: where its `/` stands, and what follows up to the caret. */
export interface Typed {
  start: number;
  word: string;
}

/** Only at the beginning of a word, so that addresses, dates and "and/or" are none. */
export function typed_shortcut(text: string, caret: number): Typed | null {
  const [typed, word] = /(?<!\S)\/([^\s/]{0,30})$/.exec(text.slice(0, caret)) ?? [];
  return typed === undefined || word === undefined ? null : { start: caret - typed.length, word };
}

/** Without case, accents and ligatures, as the server compares. */
function plain(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

function has_all(words: string[], ...texts: string[]): boolean {
  const all = plain(texts.join("\n"));
  return words.every((word) => all.includes(word));
}

function words_of(text: string): string[] {
  return plain(text).split(/\s+/).filter(Boolean);
}

/** Whether both are the same language, in whatever country. */
function alike(one: string | null, other: string | null): boolean {
  return one !== null && other !== null && plain(one).split("-")[0] === plain(other).split("-")[0];
}

/** Those whose shortcut begins with what is typed, then those that have all its words; in the client's language first. */
export function find_answers(answers: ReadyAnswer[], typed: string, language: string | null): ReadyAnswer[] {
  const begin = plain(typed.trim().replace(/^\//, ""));
  const words = words_of(begin);
  const rank = ({ shortcut, language: own }: ReadyAnswer): number => {
    const short = plain(shortcut);
    const match = short === begin ? 0 : short.startsWith(begin) ? 1 : 2;
    return 2 * match + (alike(own, language) ? 0 : 1);
  };
  return answers
    .filter(({ shortcut, text }) => has_all(words, shortcut, text))
    .sort((a, b) => rank(a) - rank(b) || (plain(a.shortcut) < plain(b.shortcut) ? -1 : 1));
}

/** Those that have all words somewhere, in the client's language first, then by name. */
export function find_referrals(referrals: Referral[], typed: string, language: string | null): Referral[] {
  const words = words_of(typed);
  const rank = ({ languages }: Referral) => (languages.some((one) => alike(one, language)) ? 0 : 1);
  return referrals
    .filter(({ name, contact, href, text, languages, topics }) =>
      has_all(words, name, contact, href, text, ...languages, ...topics),
    )
    .sort((a, b) => rank(a) - rank(b) || (plain(a.name) < plain(b.name) ? -1 : 1));
}

/** A referral as it is put into a message: name, contact, and what one should know. */
export function referral_text({ name, contact, text }: Referral): string {
  return [name, contact, text].filter(Boolean).join("\n");
}

/** A text to be put behind another one: with what keeps them apart where nothing does. */
export function apart(before: string, text: string, by: " " | "\n"): string {
  const is_apart = before === "" || (by === "\n" ? before.endsWith("\n") : /\s$/.test(before));
  return is_apart ? text : by + text;
}
