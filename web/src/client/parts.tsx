/** Small pieces of all screens of clients. State in, no I/O. */

import type { ComponentChildren } from "preact";
import { tr } from "../i18n/texts.ts";
import type { Link } from "../state/connection.ts";

export function Panel(props: { title: string; children?: ComponentChildren }) {
  return (
    <div class="panel">
      <Heading>{props.title}</Heading>
      {props.children}
    </div>
  );
}

/** Before anything is known. */
export function Loading({ link }: { link: Link }) {
  return (
    <Panel title={link.offline ? tr("You are offline.") : tr("One moment …")}>
      {link.status === "waiting" && <p>{tr("We cannot be reached just now. This page keeps trying.")}</p>}
    </Panel>
  );
}

/** What a screen is about; here the focus goes when what had it is gone with the screen before (keep_focus). */
export function Heading({ children }: { children: ComponentChildren }) {
  return <h2 tabIndex={-1}>{children}</h2>;
}

/** Words of the organisation, line by line as they were written. */
export function Lines({ text }: { text?: string | undefined }) {
  return (
    text && (
      <p class="lines" dir="auto">
        {text}
      </p>
    )
  );
}
