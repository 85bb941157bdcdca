/** The focus never falls out of the page: in go the places where one can go on, best first; out it goes there when what had it is gone. */

export function keep_focus(element: HTMLElement, places: string[]): void {
  let last: Element | undefined;
  let placed: HTMLElement | undefined;
  element.addEventListener("focusin", ({ target }) => {
    last = target as Element;
  });
  new MutationObserver(() => {
    const { activeElement, body } = document;
    const lost = activeElement === body && last?.isConnected === false;
    // Where somebody was put for want of a better place, and still is, a better one may come; but nobody is led away from where they write.
    if (!lost && (activeElement !== placed || placed?.matches("textarea"))) return;
    placed = places
      .flatMap((place) => [...element.querySelectorAll<HTMLElement>(place)])
      .find((one) => one.getClientRects().length > 0);
    if (placed !== activeElement) placed?.focus();
  }).observe(element, { childList: true, subtree: true });
}
