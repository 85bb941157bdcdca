/** Small marks of the desk: what is there how often, what sets a line apart, who is connected. Values in, no callbacks. */

import { tr } from "../i18n/texts.ts";

/** How many there are of something, with a word for those who hear it only; nothing of none. */
export function Badge({ count, what }: { count: number; what: string }) {
  return (
    count > 0 && (
      <span class="badge">
        {count}
        <span class="quiet"> {what}</span>
      </span>
    )
  );
}

/** How many messages one has not seen. */
export function Unread({ count }: { count: number }) {
  return <Badge count={count} what={tr("unread")} />;
}

/** What sets an entry apart, each with its kind and in words. */
export function Marks({ marks }: { marks: [kind: string, text: string][] }) {
  return (
    marks.length > 0 && (
      <p class="entry-marks">
        {marks.map(([kind, text]) => (
          <span key={text} class={`mark ${kind}`}>
            {text}
          </span>
        ))}
      </p>
    )
  );
}

/** Whether the client is there: in shape, colour and words. */
export function PresenceMark({ present }: { present: boolean }) {
  return (
    <span class={`presence-mark ${present ? "" : "lost"}`}>
      <span class="link-dot" aria-hidden="true" />
      {present ? tr("connected") : tr("connection lost")}
    </span>
  );
}
