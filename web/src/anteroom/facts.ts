/** What the organisation's settings mean for people: in go facts, out come plain sentences. Pure but for language. */

import { plural, tr } from "../i18n/texts.ts";
import type { Description, Minutes } from "../state/types.ts";
import { moment_text, TIME } from "../views/times.ts";

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
