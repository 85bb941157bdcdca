/** Before a link of a message opens: in goes its address, whole, out comes that somebody is done. What is shown is where it leads. */

import { tr } from "../i18n/texts.ts";
import { Dialog } from "./view_dialog.tsx";

export function LeavingDialog({ address, on_done }: { address: string; on_done: () => void }) {
  return (
    <Dialog title={tr("Open this address?")} described_by="leaving-to" on_done={on_done}>
      {(close) => (
        <>
          <p id="leaving-to" dir="ltr">
            {address}
          </p>
          <p class="soft">{tr("It leads away from here.")}</p>
          <div class="actions">
            <button type="button" class="button" onClick={close}>
              {tr("Cancel")}
            </button>
            <a
              class="button primary"
              href={address}
              target={/^h/i.test(address) ? "_blank" : undefined}
              rel="noopener noreferrer"
              referrerpolicy="no-referrer"
              onClick={close}
            >
              {tr("Open it")}
            </a>
          </div>
        </>
      )}
    </Dialog>
  );
}
