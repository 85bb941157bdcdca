/** When one can come again: in goes a moment and the present one, out comes a short text. Pure but for language and time zone. */

import { tr } from "../i18n/texts.ts";
import { DAY, day_of, moment_text, TIME } from "../views/times.ts";

/** A moment that is not long from now: of today without its date. */
export function coming_text(at: string, now: Date): string {
  const is_today = day_of(at) === day_of(now);
  return is_today ? `${tr("Today")} ${moment_text(at, TIME)}` : moment_text(at, { ...DAY, ...TIME });
}
