/** Small pieces of several screens of a group's page. State in, callbacks out. */

import { tr } from "../i18n/texts.ts";
import type { Props } from "./props.ts";

/** It is done. */
export function Deleted({ state }: Props) {
  return (
    state.deleted && (
      <p class="notice" role="status">
        {tr("What you said in this group is deleted, and so is your name.")}
      </p>
    )
  );
}

/** For who would rather not be in a group. */
export function Alone({ alone }: Props) {
  return (
    <p class="after">
      <a href={alone}>{tr("Talk with somebody alone")}</a>
    </p>
  );
}
