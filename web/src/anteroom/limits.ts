/** While one waits: in go the estimate, the organisation's settings and the moment, out come plain sentences. Pure but for language. */

import { tr } from "../i18n/texts.ts";
import type { Description, Minutes } from "../state/types.ts";
import { moment_text, TIME } from "../views/times.ts";

const MINUTE_MS = 60_000;

/** How long it may still take: less and less of what was said `at` that moment, and never nothing. */
export function rest_text(estimate: Minutes | null | undefined, at: number, now: Date): string {
  if (!estimate) return "";
  const passed = Math.max(0, Math.floor((now.getTime() - at) / MINUTE_MS));
  const [low, high] = [estimate.low_minutes - passed, estimate.high_minutes - passed];
  if (high < 1) return tr("It takes longer than usual. You keep your place.");
  return low > 0
    ? tr("It may take about {low} to {high} min more.", { low, high })
    : tr("It may take up to {high} min more.", { high });
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
