/** Small pieces both sides use: the connection line, and a button that asks before it acts. State in, callbacks out. */

import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { type Link, link_line } from "../state/connection.ts";

export function ConnectionLine({ link, undelivered }: { link: Link; undelivered: number }) {
  const { tone, text } = link_line(link, undelivered);
  return (
    <p class={`link ${tone}`} role="status" data-status={link.status}>
      <span class="link-dot" aria-hidden="true" />
      {text}
    </p>
  );
}

export interface AskingButtonProps {
  class?: string;
  children: ComponentChildren;
  question: string;
  yes: string;
  no: string;
  on_yes: () => void;
}

/** A button whose action needs a second step, in the page. */
export function AskingButton(props: AskingButtonProps) {
  const [asking, set_asking] = useState(false);
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    if (asking) dialog.current?.showModal();
  }, [asking]);
  // Closing first, and taking away afterwards, gives the focus back to the button.
  const answer = (yes: boolean) => {
    dialog.current?.close();
    if (yes) props.on_yes();
  };
  return (
    <>
      <button type="button" class={`button ${props.class ?? ""}`} onClick={() => set_asking(true)}>
        {props.children}
      </button>
      {asking && (
        <dialog class="card ask" ref={dialog} onClose={() => set_asking(false)} aria-label={props.question}>
          <p>{props.question}</p>
          <div class="actions">
            <button type="button" class="button" onClick={() => answer(false)}>
              {props.no}
            </button>
            <button type="button" class="button danger" onClick={() => answer(true)}>
              {props.yes}
            </button>
          </div>
        </dialog>
      )}
    </>
  );
}

/** Gives the app the height that is really visible, also while a phone's keyboard is open. */
export function follow_visible_height(element: HTMLElement): void {
  const viewport = window.visualViewport;
  if (!viewport) return;
  const follow = () => {
    // Pinched zoom makes the viewport small too; that is for reading, not for layout.
    if (viewport.scale > 1.05) return;
    element.style.setProperty("--visible", `${viewport.height}px`);
    if (viewport.offsetTop > 0) scrollTo(0, 0);
  };
  viewport.addEventListener("resize", follow);
  viewport.addEventListener("scroll", follow);
  follow();
}
