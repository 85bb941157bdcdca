/** A list to choose from while the focus stays in a field: in go choices and the one marked, out come the marked one as it moves, and the one chosen. */

import type { ComponentChildren } from "preact";
import { useLayoutEffect } from "preact/hooks";

export interface Choice {
  id: string;
  shown: ComponentChildren;
}

export interface ChoicesProps {
  /** Of the list; its options have the ids `<id>-0`, `<id>-1` ... */
  id: string;
  label: string;
  choices: Choice[];
  marked: number;
  on_chosen: (number: number) => void;
}

export function Choices({ id, label, choices, marked, on_chosen }: ChoicesProps) {
  useLayoutEffect(() => document.getElementById(`${id}-${marked}`)?.scrollIntoView({ block: "nearest" }));
  return (
    <div class="choices" role="listbox" id={id} aria-label={label}>
      {choices.map((choice, number) => (
        // The keyboard is at work in the field, which names the marked option.
        // biome-ignore lint/a11y/useKeyWithClickEvents: see above
        // biome-ignore lint/a11y/useFocusableInteractive: see above
        <div
          key={choice.id}
          id={`${id}-${number}`}
          role="option"
          aria-selected={number === marked}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => on_chosen(number)}
        >
          {choice.shown}
        </div>
      ))}
    </div>
  );
}

/** Where the mark goes with this key; null: the key is no business of the list. */
export function moved(key: string, marked: number, count: number): number | null {
  if (count === 0) return null;
  if (key === "ArrowDown") return (marked + 1) % count;
  if (key === "ArrowUp") return (marked + count - 1) % count;
  return null;
}
