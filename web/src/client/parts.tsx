/** Small pieces of all screens of clients. State in, no I/O. */

import type { ComponentChildren } from "preact";
import { tr } from "../i18n/texts.ts";
import type { Link } from "../state/connection.ts";
import type { Elsewhere } from "../state/types.ts";
import { way_to } from "../views/links.ts";

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

/** Places and numbers to turn to instead. */
export function Others({ elsewhere }: { elsewhere: Elsewhere[] }) {
  return (
    elsewhere.length > 0 && (
      <section class="notice">
        <h3>{tr("Here you find help now")}</h3>
        <ul class="others">
          {elsewhere.map(({ name, contact, href, text }) => (
            <li key={href}>
              <bdi>{name}</bdi>
              <a {...way_to(href)} dir="ltr">
                {contact}
              </a>
              {text && (
                <span class="soft" dir="auto">
                  {text}
                </span>
              )}
            </li>
          ))}
        </ul>
      </section>
    )
  );
}
