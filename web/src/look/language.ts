/**
 * The language of the desk: in go those that the server offers and what the consultant chose on this device, out comes the one that is
 * spoken. It keeps the choice in this browser and fetches catalogs; it draws nothing.
 */

import { change_language, type Language } from "../i18n/language.ts";

const NAME = "hotline.language";

/** The tag that was chosen; empty: whatever the browser asks for. */
export function kept_language(): string {
  try {
    return localStorage.getItem(NAME) ?? "";
  } catch {
    return "";
  }
}

/** Speaks what was chosen, if it is offered, else what suits the browser, which the server puts first. */
export async function speak_chosen(offered: Language[], tag = kept_language()): Promise<boolean> {
  const language = offered.find((one) => one.tag === tag) ?? offered[0];
  return !language || change_language(language);
}

/** Kept once it is spoken, which it says: a catalog that cannot be fetched is not what one begins with the next time. */
export async function choose_language(offered: Language[], tag: string): Promise<boolean> {
  if (!(await speak_chosen(offered, tag))) return false;
  try {
    localStorage.setItem(NAME, tag);
  } catch {
    // Then until the page is loaded again.
  }
  return true;
}
