/**
 * The page that lists groups, which the server makes: in goes the page, out come its times in the reader's own, and the quick way out as
 * other pages of clients have it. It says nothing of its own.
 */

import "../style/listed.css";
import { exit_now, keep_no_history, listen_for_escape } from "../client/exit.ts";

/** From when to when, in the words of the page's language; always with the digits that clocks here show. */
function span_text(from: string, until: string, language: string): string {
  return new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, {
    numberingSystem: "latn",
    weekday: "long",
    day: "numeric",
    month: "long",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).formatRange(new Date(from), new Date(until));
}

for (const time of document.querySelectorAll("time")) {
  const { until = "" } = time.dataset;
  time.textContent = span_text(time.dateTime, until, document.documentElement.lang);
}

const exit = document.getElementById("exit") as HTMLAnchorElement;
const leave = () => void exit_now(exit.href, async () => {});
exit.title = exit.dataset.title ?? "";
exit.addEventListener("click", (event) => {
  event.preventDefault();
  leave();
});
listen_for_escape(document, leave);
keep_no_history(document);
