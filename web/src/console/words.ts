/** Words of the console that several columns use. */

import { spoken, tr } from "../i18n/texts.ts";
import type { Presence } from "../state/desk_types.ts";

export function presence_name(presence: Presence): string {
  if (presence === "here") return tr("Here");
  return presence === "busy" ? tr("Busy") : tr("Away");
}

/** A language's name in the language spoken; a tag that nobody knows stands for itself. */
export function language_name(tag: string): string {
  try {
    return new Intl.DisplayNames([spoken()], { type: "language" }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}
