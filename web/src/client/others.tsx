/** Whom to turn to instead. State in, no I/O. */

import { tr } from "../i18n/texts.ts";
import type { Elsewhere } from "../state/types.ts";
import { way_to } from "../views/links.ts";

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
