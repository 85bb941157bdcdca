/** Small pieces both sides use: the connection line, and the height that is visible. State in, no I/O. */

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
