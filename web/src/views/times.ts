/** Times as people read them: in go RFC 3339 strings and the present moment, out come short texts. Pure but for the time zone. */

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

export function day_label(at: string, now: Date): string {
  const yesterday = new Date(now);
  yesterday.setDate(now.getDate() - 1);
  const day = day_of(at);
  if (day === day_of(now)) return "Today";
  if (day === day_of(yesterday)) return "Yesterday";
  return new Date(at).toLocaleDateString("en-GB", { weekday: "long", day: "numeric", month: "long" });
}

/** How long ago, in the coarsest unit that still tells. */
export function waiting_time(since: string, now: Date): string {
  const minutes = Math.max(0, Math.floor((now.getTime() - new Date(since).getTime()) / 60_000));
  if (minutes < 1) return "less than a minute";
  if (minutes < 60) return minutes === 1 ? "1 minute" : `${minutes} minutes`;
  const rest = minutes % 60;
  return `${Math.floor(minutes / 60)} h${rest ? ` ${rest} min` : ""}`;
}
