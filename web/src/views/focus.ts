/**
 * The focus never falls out of the page: in go the places where one can go on, best first, and those for whoever was writing; out it goes
 * there when what had it is gone.
 */

export function keep_focus(element: HTMLElement, places: string[], places_of_writers = places): void {
  let last: Element | undefined;
  let placed: HTMLElement | undefined;
  let wanted = places;
  const writes = "textarea";
  element.addEventListener("focusin", ({ target }) => {
    last = target as Element;
  });
  new MutationObserver(() => {
    const { activeElement, body } = document;
    if (activeElement === body && last?.isConnected === false)
      wanted = last.matches(writes) ? places_of_writers : places;
    // Where somebody was put for want of a better place, and still is, a better one may come; but nobody is led away from where they write.
    else if (activeElement !== placed || placed?.matches(writes)) return;
    placed = wanted
      .flatMap((place) => [...element.querySelectorAll<HTMLElement>(place)])
      .find((one) => one.getClientRects().length > 0);
    if (placed !== activeElement) placed?.focus();
  }).observe(element, { childList: true, subtree: true });
}
