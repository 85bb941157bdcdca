/** What is seldom wanted, below one button: in go its name and what stands in it, out comes what is pressed there. It closes by itself when one goes on. */

import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";

export interface MenuProps {
  class?: string;
  /** What it is about: for the style sheet. */
  kind?: string;
  label: ComponentChildren;
  children: (close: () => void) => ComponentChildren;
}

export function Menu({ class: name = "", kind, label, children }: MenuProps) {
  const menu = useRef<HTMLDetailsElement>(null);
  const fold = () => menu.current?.removeAttribute("open");
  /** Whoever was in it goes on at its button. */
  const close = () => {
    fold();
    menu.current?.querySelector("summary")?.focus();
  };
  return (
    <details
      class={`menu ${name}`}
      ref={menu}
      data-service={kind}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !menu.current?.open) return;
        event.stopPropagation();
        close();
      }}
      onFocusOut={({ relatedTarget }) => {
        if (relatedTarget instanceof Node && !menu.current?.contains(relatedTarget)) fold();
      }}
    >
      <summary>{label}</summary>
      <div class="menu-choices card">{children(close)}</div>
    </details>
  );
}
