/** What was being written when that came to an end: to be read, and copied. Text in, nothing out. */

import { tr } from "../i18n/texts.ts";

export function Unsent({ text }: { text: string }) {
  if (!text.trim()) return null;
  return (
    <label class="unsent">
      {tr("Written and not sent")}
      <textarea readOnly rows={2} dir="auto" value={text} />
    </label>
  );
}
