/** The languages of a page: in go those that the server offers, out comes the one that is spoken, and the page says so. It keeps nothing. */

import { add_texts, type Catalog, speak } from "./texts.ts";

export interface Language {
  /** BCP 47. */
  tag: string;
  /** Its name in itself. */
  name: string;
  direction: "ltr" | "rtl";
  /** Where its catalog is. */
  texts: string;
}

let spoken: Language | undefined;
let is_late_wanted = false;

async function catalog_at(address: string): Promise<Catalog> {
  return ((await import(/* @vite-ignore */ address)) as { default: Catalog }).default;
}

/** What only code says that is fetched late lies beside the catalog. */
const late_catalog = ({ texts }: Language) => catalog_at(texts.replace(".js", "-late.js"));

/** Speaks this language from now on; whoever calls draws again. */
export async function change_language(language: Language): Promise<void> {
  const { tag, direction, texts } = language;
  const late = is_late_wanted ? late_catalog(language) : undefined;
  speak(tag, await catalog_at(texts), await late);
  spoken = language;
  document.documentElement.lang = tag;
  document.documentElement.dir = direction;
}

/** From now on the texts of what is fetched late are there, too, whichever language is spoken. */
export async function speak_late(): Promise<void> {
  is_late_wanted = true;
  const language = spoken as Language;
  const texts = await late_catalog(language);
  if (language === spoken) add_texts(texts);
}

/** The languages that the server wrote onto the page's element, the one to begin with first. */
export function offered(element: HTMLElement): Language[] {
  return JSON.parse(element.dataset.languages ?? "[]") as Language[];
}
