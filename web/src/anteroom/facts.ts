/** What the organisation's settings mean for people: in go facts, out come plain sentences. Pure but for language. */

import { plural, tr } from "../i18n/texts.ts";
import type { Description, Minutes } from "../state/types.ts";

/** Who reads what is written here. */
export function readers_text({ notice_facts: facts }: Description): (string | false)[] {
  return [
    tr("Those who talk with you read what you write, and may take notes."),
    facts.answers_shown_to_staff && tr("All consultants see your name and your answers here."),
  ];
}

export function here_text(here?: number): string {
  if (here === undefined) return "";
  return here
    ? plural(here, "{count} consultant is here.", "{count} consultants are here.")
    : tr("Nobody is here just now.");
}

/** How long others waited lately: a range, and no promise. */
export function wait_text(estimate?: Minutes | null): string {
  if (!estimate) return "";
  const { low_minutes: low, high_minutes: high } = estimate;
  return low
    ? tr("Others waited about {low} to {high} min lately.", { low, high })
    : tr("Others waited less than {high} min lately.", { high });
}
