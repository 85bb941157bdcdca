/** What becomes of what clients write: in go the organisation's settings, out come plain sentences. Pure but for language. */

import { isolated, tr } from "../i18n/texts.ts";
import type { Description } from "../state/types.ts";

/** How long it is kept, as the server says it; who reads it; and what else is known of who wrote it. */
export function data_notice(
  { notice, notice_facts: facts, organisation }: Description,
  readers: (string | false)[],
): string {
  const said = [
    notice,
    ...readers,
    facts.managers_may_read &&
      tr(
        "Who is in charge at {organisation} can join, and you see that. They can also read and save all that is kept, and you do not see that.",
        { organisation: isolated(organisation) },
      ),
    !facts.address_kept && tr("Where you are writing from (your IP address) is not kept."),
    facts.counts_kept && tr("Afterwards there are only numbers without names or texts."),
  ];
  return said.filter(Boolean).join(" ");
}
