/** When to come: in go appointments and openings, out come plain sentences and times. Pure but for language and time zone. */

import { tr } from "../i18n/texts.ts";
import type { Appointment, Description } from "../state/types.ts";
import { DAY, moment_text, TIME } from "../views/times.ts";

function span_text(from: string, to: string, timeZone?: string): string {
  const options = { ...TIME, timeZone } as Intl.DateTimeFormatOptions;
  return [from, to].map((at) => moment_text(at, options)).join(" – ");
}

/** When one is to come again. */
export function appointment_text({ at, until, cancelled }: Appointment): string {
  const time = `${moment_text(at, DAY)} ${span_text(at, until)}`;
  return cancelled
    ? tr("Your appointment was cancelled: {time}.", { time })
    : tr(
        "Your appointment: {time}. Come back then with your code: this conversation and your place are kept.",
        {
          time,
        },
      );
}

/** When it is open in the days to come: for each span its times here, and there if the clocks differ. */
export function opening_times({
  schedule,
  time_zone,
}: Description): { day: string; here: string; there: string }[] {
  return (schedule ?? []).map(({ opens_at, closes_at }) => {
    const here = span_text(opens_at, closes_at);
    const there = span_text(opens_at, closes_at, time_zone);
    const day = moment_text(opens_at, DAY);
    return { day, here, there: here === there ? "" : there };
  });
}
