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
/** Chosen last. */
let wanted: Language;
let is_late_wanted = false;
let failures = 0;

/**
 * A browser may keep for as long as the page lives that there was nothing at an address; with another mark behind it, it is a new one, and
 * the same file.
 */
export const marked = (tries: number) => (tries ? `#${tries}` : "");

async function catalog_at(address: string): Promise<Catalog> {
  try {
    return ((await import(/* @vite-ignore */ address + marked(failures))) as { default: Catalog }).default;
  } catch (error) {
    failures++;
    throw error;
  }
}

/** What only code says that is fetched late lies beside the catalog. */
const late_catalog = ({ texts }: Language) => catalog_at(texts.replace(".js", "-late.js"));

/** Speaks this language from now on, and says whether it does: not if another one was chosen meanwhile. Whoever calls draws again. */
export async function change_language(language: Language): Promise<boolean> {
  const { tag, direction } = language;
  wanted = language;
  const texts = await catalog_at(language.texts);
  // Perhaps only wanted since then.
  const late = is_late_wanted ? await late_catalog(language) : undefined;
  if (wanted !== language) return false;
  speak(tag, texts, late);
  spoken = language;
  document.documentElement.lang = tag;
  document.documentElement.dir = direction;
  return true;
}

/** From now on the texts of what is fetched late are there, too, whichever language is spoken. */
export async function speak_late(): Promise<void> {
  is_late_wanted = true;
  for (;;) {
    // One that is on its way to be spoken brings its own.
    const language = spoken as Language;
    const texts = await late_catalog(language);
    if (language === spoken) return add_texts(texts);
  }
}

/** The languages that the server wrote onto the page's element, the one to begin with first. */
export function offered(element: HTMLElement): Language[] {
  return JSON.parse(element.dataset.languages ?? "[]") as Language[];
}
