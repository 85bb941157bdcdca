/** Small pieces of all screens of clients. State in, no I/O. */

import type { ComponentChildren } from "preact";
import { tr } from "../i18n/texts.ts";
import type { Link } from "../state/connection.ts";
import type { FrameProps } from "./frame.tsx";

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

/** Stands where something is not fetched yet, or could not be. */
export function Missing({ state, late, draw }: FrameProps) {
  return (
    <div class="notice">
      <p role="status">
        {!late.failed || late.trying
          ? tr("One moment …")
          : state.link.status === "connected"
            ? tr("Something went wrong on our side. Please try again.")
            : tr("There is no connection just now. Please try again in a moment.")}
      </p>
      {/* It stays while it is tried, and so does the focus. */}
      {late.failed && (
        <button type="button" class="button" onClick={() => late.again(draw)}>
          {tr("Try again")}
        </button>
      )}
    </div>
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
