/** Before a link of a message opens: in goes its address, whole, out comes that somebody is done. What is shown is where it leads. */

import { useLayoutEffect, useRef } from "preact/hooks";
import { tr } from "../i18n/texts.ts";

export function LeavingDialog({ address, on_done }: { address: string; on_done: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => dialog.current?.showModal(), []);
  // Closing first, and taking away afterwards, gives the focus back to the link.
  const close = () => dialog.current?.close();
  const question = tr("Open this address?");
  return (
    <dialog
      class="card ask"
      ref={dialog}
      onClose={on_done}
      aria-label={question}
      aria-describedby="leaving-to"
    >
      <h2>{question}</h2>
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
    </dialog>
  );
}
