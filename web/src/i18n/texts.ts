/**
 * Our own words in the reader's language: in go a catalog and English texts, out come sentences. The build puts a number in the place
 * of each text, and catalogs are lists in that order; where nothing was built, as in tests, the English text stands for itself.
 */

/** A text, or its forms by plural category. */
export type Catalog = readonly (string | Readonly<Record<string, string>>)[];
export type Values = Readonly<Record<string, string | number>>;

let catalog: Catalog = [];
/** What goes on where the catalog ends: of code that is fetched late. */
let late: Catalog = [];
let rules = new Intl.PluralRules("en");
let tag = "en";

/** From now on everything is said in this language. */
export function speak(language: string, texts: Catalog, more: Catalog = []): void {
  tag = language;
  catalog = texts;
  late = more;
  rules = new Intl.PluralRules(language);
}

/** Code that came late has its texts, too. */
export function add_texts(more: Catalog): void {
  late = more;
}

/** What stands for a text in the catalog, if it is a number there. */
function said(text: string) {
  const number = text as unknown as number;
  return catalog[number] ?? late[number - catalog.length];
}

/** The language spoken now, as a BCP 47 tag. */
export function spoken(): string {
  return tag;
}

function fill(text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name]));
}

/** The text with its `{names}` filled in. Only ever called with a text as it stands there, so that it can be extracted. */
export function tr(text: string, values: Values = {}): string {
  return fill((said(text) as string | undefined) ?? text, values);
}

/** The text for so many; `{count}` stands for the number. */
export function plural(count: number, one: string, other = one, values: Values = {}): string {
  const forms = (said(one) ?? { one, other }) as Record<string, string>;
  return fill(forms[rules.select(count)] ?? (forms.other as string), { count, ...values });
}

/** A name within a sentence, which it neither turns round nor reorders. */
export function isolated(name: string): string {
  return /^[ -~]*$/.test(name) ? name : `\u2068${name.replace(/[\u202a-\u202e\u2066-\u2069]/g, "")}\u2069`;
}
