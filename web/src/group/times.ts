/** When a group is open, as people read it: in go its beginning and its end, out come short texts in the reader's own time. Pure but for that. */

import { tr } from "../i18n/texts.ts";
import { DAY, day_of, moment_text, TIME } from "../views/times.ts";

/** From when to when, in the reader's own time. */
export function span_text(from: string, to: string): string {
  const [begins, ends] = [from, to].map((at) => moment_text(at, TIME));
  const last = day_of(from) === day_of(to) ? ends : `${moment_text(to, DAY)} ${ends}`;
  return `${moment_text(from, DAY)} ${begins} – ${last}`;
}

/** Until when it goes on: of another day than today with the day. */
export function end_text(to: string, now: Date): string {
  const today = day_of(to) === day_of(now);
  return tr("Until {time}", { time: moment_text(to, today ? TIME : { ...DAY, ...TIME }) });
}
