/** By what a client comes back, and when. State in, no I/O but for copying. */

import { tr } from "../i18n/texts.ts";
import { appointment_text } from "./dates.ts";
import type { Props } from "./props.ts";

/** Selects it too, so that one sees what was copied; works in other sites' frames. */
function copy_code(): void {
  getSelection()?.selectAllChildren(document.getElementById("return-code") as Node);
  document.execCommand("copy");
}

/** When to come again, and by what; both also after the end. */
export function WayBack({ state }: Props) {
  const { return_code, place } = state;
  return (
    <>
      {place?.appointment && (
        <p class="notice" role="status">
          {appointment_text(place.appointment)}
        </p>
      )}
      {return_code && (
        <div class="notice">
          <p role="status">
            {tr("Your return code")}
            <strong id="return-code" dir="ltr">
              {return_code}
            </strong>
          </p>
          <p>{tr("Whoever has it can read this conversation. It is shown only this once.")}</p>
          <button type="button" class="button" onClick={copy_code}>
            {tr("Copy")}
          </button>
        </div>
      )}
    </>
  );
}
