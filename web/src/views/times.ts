/** Times as people read them: in go RFC 3339 strings and the present moment, out come short texts. Pure but for language and time zone. */

import { spoken, tr } from "../i18n/texts.ts";

function two(value: number): string {
  return String(value).padStart(2, "0");
}

export function clock_time(at: string): string {
  const date = new Date(at);
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** A key that is the same for all moments of one day here. */
export function day_of(at: string | Date): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${date.getMonth()}-${date.getDate()}`;
}

/** A moment in the words of the language spoken; always with the digits that clocks here show. */
export function moment_text(at: string | Date, options: Intl.DateTimeFormatOptions): string {
  const tag = spoken();
  return new Date(at).toLocaleString(tag === "en" ? "en-GB" : tag, { numberingSystem: "latn", ...options });
}

/** How much of a moment is said: its day, or its time. */
export const DAY = { weekday: "long", day: "numeric", month: "long" } as const;
export const TIME = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;

export function day_label(at: string, now: Date): string {
  const yesterday = new Date(now);
  yesterday.setDate(now.getDate() - 1);
  const day = day_of(at);
  if (day === day_of(now)) return tr("Today");
  if (day === day_of(yesterday)) return tr("Yesterday");
  return moment_text(at, DAY);
}
