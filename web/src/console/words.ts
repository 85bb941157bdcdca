/** Words of the console that several columns use. */

import { tr } from "../i18n/texts.ts";
import type { Presence } from "../state/types.ts";

export function presence_name(presence: Presence): string {
  if (presence === "here") return tr("Here");
  return presence === "busy" ? tr("Busy") : tr("Away");
}
