/** What becomes of what clients write: in go the organisation's settings, out come plain sentences. Pure but for language. */

import { tr } from "../i18n/texts.ts";
import type { Description } from "../state/types.ts";

/** How long it is kept, as the server says it; who reads it; and what else is known of who wrote it. */
export function data_notice(
  { notice, notice_facts: facts }: Description,
  readers: (string | false)[],
): string {
  const said = [
    notice,
    ...readers,
    !facts.address_kept && tr("Where you are writing from (your IP address) is not kept."),
    facts.counts_kept && tr("Afterwards there are only numbers without names or texts."),
  ];
  return said.filter(Boolean).join(" ");
}
