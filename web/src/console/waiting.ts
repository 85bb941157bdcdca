/** Times as consultants read them in lists: in go a time and the present moment, out comes a short text. Pure. */

import { tr } from "../i18n/texts.ts";
import { clock_time, day_label, day_of, moment_text, TIME } from "../views/times.ts";

/** A day in a list. */
export const SHORT_DAY = { weekday: "short", day: "numeric", month: "short" } as const;

/** A day and a time, joined as the language does it. */
export function day_and_time(at: string, now: Date): string {
  const yesterday = new Date(now);
  yesterday.setDate(now.getDate() - 1);
  if (day_of(at) !== day_of(now) && day_of(at) !== day_of(yesterday)) {
    return moment_text(at, { ...SHORT_DAY, ...TIME });
  }
  return tr("{day}, {time}", { day: day_label(at, now), time: clock_time(at) });
}

/** Within a sentence. */
export function until_text(at: string, now: Date): string {
  return day_of(at) === day_of(now)
    ? tr("until today, {time}", { time: clock_time(at) })
    : tr("until {time}", { time: moment_text(at, { ...SHORT_DAY, ...TIME }) });
}

/** A moment as the browser's field for it has it. */
export function field_of(at: Date): string {
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** How long ago, in the coarsest unit that still tells. */
export function waiting_time(since: string, now: Date): string {
  const minutes = Math.max(0, Math.floor((now.getTime() - new Date(since).getTime()) / 60_000));
  if (minutes < 1) return tr("less than 1 min");
  if (minutes < 60) return tr("{minutes} min", { minutes });
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  return rest ? tr("{hours} h {minutes} min", { hours, minutes: rest }) : tr("{hours} h", { hours });
}
