/** Times as people read them: in go RFC 3339 strings and the present moment, out come short texts. Pure but for language and time zone. */

import { plural, spoken, tr } from "../i18n/texts.ts";

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

export function day_label(at: string, now: Date): string {
  const yesterday = new Date(now);
  yesterday.setDate(now.getDate() - 1);
  const day = day_of(at);
  if (day === day_of(now)) return tr("Today");
  if (day === day_of(yesterday)) return tr("Yesterday");
  return moment_text(at, { weekday: "long", day: "numeric", month: "long" });
}

/** How long ago, in the coarsest unit that still tells. */
export function waiting_time(since: string, now: Date): string {
  const minutes = Math.max(0, Math.floor((now.getTime() - new Date(since).getTime()) / 60_000));
  if (minutes < 1) return tr("less than a minute");
  if (minutes < 60) return plural(minutes, "{count} minute", "{count} minutes");
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  return rest ? tr("{hours} h {minutes} min", { hours, minutes: rest }) : tr("{hours} h", { hours });
}
