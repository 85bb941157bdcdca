/** What the organisation's settings mean for people: in go facts, out come plain sentences. Pure but for language and time zone. */

import { plural, tr } from "../i18n/texts.ts";
import type { Appointment, Description, Minutes } from "../state/types.ts";
import { DAY, moment_text, TIME } from "../views/times.ts";

/** Who reads what is written here. */
export function readers_text({ notice_facts: facts }: Description): (string | false)[] {
  return [
    tr("Those who talk with you read what you write, and may take notes."),
    facts.answers_shown_to_staff && tr("All consultants see your name and your answers here."),
  ];
}

/** Who is here, and how long others waited lately: a range, and no promise. */
export function wait_text(here?: number, estimate?: Minutes | null): string {
  const { low_minutes: low = 0, high_minutes: high } = estimate ?? {};
  const said = [
    here === 0 && tr("Nobody is here just now."),
    here && plural(here, "{count} consultant is here.", "{count} consultants are here."),
    high &&
      (low
        ? tr("Others waited about {low} to {high} min lately.", { low, high })
        : tr("Others waited less than {high} min lately.", { high })),
  ];
  return said.filter(Boolean).join(" ");
}

const SOON_MS = 3_600_000;

/** What could end the wait, before it does. */
export function limits_text(description: Description | null, now: Date): string {
  const { dismisses_at: at, grace_seconds: grace = 0 } = description ?? {};
  const said = [
    at &&
      Date.parse(at) - now.getTime() < SOON_MS &&
      tr("We close at {time}; who still waits then has to come again.", { time: moment_text(at, TIME) }),
    grace > 59 &&
      tr("Without connection your place is kept for {count} min.", { count: Math.floor(grace / 60) }),
  ];
  return said.filter(Boolean).join(" ");
}

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
