/** The languages of a page: in go those that the server offers, out comes the one that is spoken, and the page says so. It keeps nothing. */

import { type Catalog, speak } from "./texts.ts";

export interface Language {
  /** BCP 47. */
  tag: string;
  /** Its name in itself. */
  name: string;
  direction: "ltr" | "rtl";
  /** Where its catalog is. */
  texts: string;
}

/** Speaks this language from now on; whoever calls draws again. */
export async function change_language({ tag, direction, texts }: Language): Promise<void> {
  const { default: catalog } = (await import(/* @vite-ignore */ texts)) as { default: Catalog };
  speak(tag, catalog);
  document.documentElement.lang = tag;
  document.documentElement.dir = direction;
}

/** The languages that the server wrote onto the page's element, the one to begin with first. */
export function offered(element: HTMLElement): Language[] {
  return JSON.parse(element.dataset.languages ?? "[]") as Language[];
}
