/** Whether somebody is here has changed while one fills something in. State in, callbacks out. */

import { tr } from "../i18n/texts.ts";
import type { Props } from "./props.ts";

/** It has closed or opened while somebody fills something in, which goes on there. */
export function Turned({ state, actions }: Props) {
  const { description, screen } = state;
  if (!description || description.open === (screen === "form")) return null;
  return (
    <div class="notice">
      <p role="status">{description.open ? tr("Somebody is here for you") : title_of(description.service)}</p>
      <button type="button" class="button" onClick={() => actions.writes(false)}>
        {description.open ? tr("Talk with somebody") : tr("Go on")}
      </button>
    </div>
  );
}

export function title_of(service: string): string {
  if (service === "full") return tr("Too many people are waiting just now");
  if (service === "blocked") return tr("A new conversation has to wait.");
  if (service === "paused") return tr("We are taking a short break");
  return tr("We are closed at the moment");
}
