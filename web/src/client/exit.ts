/**
 * The quick way out: in go Esc pressed three times or a button, out comes a neutral page. The page is covered before anything else
 * happens, the server is told, and what this page held is gone; no way leads back to it.
 */

import { sleep } from "../talk/sleep.ts";

/** Our own page for it, without name or colour. */
export const NEUTRAL = "/exit";
const TIMES = 3;
const WITHIN_MS = 2_000;
/** As long the server may take to hear of it: the page is covered meanwhile. */
const TELLING_MS = 400;

/** Calls when Esc was pressed three times within two seconds. */
export function listen_for_escape(document: Document, leave: () => void): void {
  let presses: number[] = [];
  document.addEventListener(
    "keydown",
    ({ key, repeat, timeStamp }) => {
      if (key !== "Escape" || repeat) return;
      presses = [...presses.filter((at) => timeStamp - at < WITHIN_MS), timeStamp];
      if (presses.length >= TIMES) leave();
    },
    true,
  );
}

/** From one page of ours to the next the tab's history keeps the last only: behind the quick way out there is none. */
export function keep_no_history(document: Document): void {
  document.addEventListener("click", (event) => {
    const link = (event.target as Element).closest<HTMLAnchorElement>("a:not([target])");
    if (link?.origin !== location.origin || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    location.replace(link.href);
  });
}

export async function exit_now(url: string, tell: () => Promise<void>): Promise<void> {
  // Without a body there is nothing left to see, dialogs included.
  document.body.hidden = true;
  document.title = "\u200b";
  const pause = () => sleep(TELLING_MS);
  await Promise.race([tell(), pause()]);
  if (parent !== window) {
    // The page around this one goes too, if our script is there to do it. Browsers drop what a page has said when
    // it is gone itself before that was delivered.
    parent.postMessage(new URL(url, location.href).href, "*");
    await pause();
    url = NEUTRAL;
  }
  location.replace(url);
}
