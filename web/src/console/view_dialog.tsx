/** What opens over the desk: in go a title and what stands in it, out comes that it was closed, and what was filled in. What was refused stays as it was typed. */

import type { ComponentChildren, TargetedKeyboardEvent } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { tr } from "../i18n/texts.ts";

interface OpenProps {
  title: string;
  /** The id of what is read out with the title. */
  described_by?: string | undefined;
  /** However it was closed: by a button, or by Esc. */
  on_done: () => void;
}

export interface DialogProps extends OpenProps {
  class?: string;
  /** The title is told, not shown: what stands in it says as much. */
  untitled?: boolean;
  on_key?: (event: TargetedKeyboardEvent<HTMLDialogElement>) => void;
  children: (close: () => void) => ComponentChildren;
}

export function Dialog(props: DialogProps) {
  const { title, class: name = "", untitled, described_by, on_key, on_done, children } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      class={`card ask ${name}`}
      ref={dialog}
      onClose={on_done}
      onKeyDown={on_key}
      aria-label={title}
      aria-describedby={described_by}
    >
      {!untitled && <h2>{title}</h2>}
      {/* Closing first, and taking away afterwards, gives the focus back to what had it. */}
      {children(() => dialog.current?.close())}
    </dialog>
  );
}

export interface FormDialogProps extends OpenProps {
  /** What the button says. */
  button: string;
  danger?: boolean;
  /** Whether there is something to submit already. */
  ready?: boolean;
  /** Gives what is wrong with it, in words, or nothing: then it closes. */
  on_submit: () => Promise<string>;
  children: ComponentChildren;
}

export function FormDialog(props: FormDialogProps) {
  const { button, danger, ready = true, on_submit, children, ...open } = props;
  const [busy, set_busy] = useState(false);
  const [problem, set_problem] = useState("");
  const submit = async (event: Event, close: () => void) => {
    event.preventDefault();
    if (busy || !ready) return;
    set_busy(true);
    // Taken away first, so that the same words are told again.
    set_problem("");
    const wrong = await on_submit();
    set_busy(false);
    set_problem(wrong);
    if (!wrong) close();
  };
  return (
    <Dialog {...open}>
      {(close) => (
        <form onSubmit={(event) => void submit(event, close)}>
          {children}
          {problem && (
            <p class="problem" role="alert">
              {problem}
            </p>
          )}
          <div class="actions">
            <button
              type="submit"
              class={`button ${danger ? "danger" : "primary"}`}
              aria-disabled={busy}
              disabled={!ready}
            >
              {button}
            </button>
            <button type="button" class="button" onClick={close}>
              {tr("Cancel")}
            </button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
