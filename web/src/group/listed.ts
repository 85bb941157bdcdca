/**
 * The groups that the anteroom's page links to: in go the links as the server wrote them, out come the same with words and times in the
 * language that is read. The anteroom's own script knows nothing of it.
 */

import "../style/listed.css";
import { offered } from "../i18n/language.ts";
import { type Catalog, speak, tr } from "../i18n/texts.ts";
import { end_text, span_text } from "./times.ts";

async function tell(nav: HTMLElement): Promise<void> {
  const page = document.documentElement;
  const language = offered(nav).find((one) => one.tag === page.lang);
  if (!language) return;
  const { default: catalog } = (await import(/* @vite-ignore */ language.texts)) as { default: Catalog };
  // Another one may have been chosen meanwhile.
  if (page.lang !== language.tag) return;
  speak(language.tag, catalog);
  for (const summary of nav.querySelectorAll("summary")) summary.textContent = tr("Group conversations");
  for (const time of nav.querySelectorAll("time")) {
    const { open, until = "" } = time.dataset;
    time.textContent = open === undefined ? span_text(time.dateTime, until) : end_text(until, new Date());
  }
}

const nav = document.getElementById("groups");
if (nav) {
  const again = () => void tell(nav);
  new MutationObserver(again).observe(document.documentElement, { attributeFilter: ["lang"] });
  again();
}
