/**
 * When the desk is drawn: in go the store and how to draw, out come drawings. However much happens, once for each frame; but what takes
 * the keys that are pressed next is there before they are. It draws nothing itself.
 */

import type { ConsoleEvent, ConsoleState } from "../state/console.ts";
import type { Store } from "../talk/store.ts";

const UNSEEN_MS = 250;

export function draw_changes(store: Store<ConsoleState, ConsoleEvent>, draw: () => void): void {
  let drawn = store.state;
  let waiting = false;
  const draw_now = () => {
    waiting = false;
    drawn = store.state;
    draw();
  };
  store.listen(() => {
    const { dialog, active } = store.state;
    // A frame may be long in coming, and somebody quick with keys would press, or write to somebody, what is not in front any more.
    if (dialog !== drawn.dialog || active !== drawn.active) return draw_now();
    if (waiting) return;
    waiting = true;
    // Out of sight there are no frames.
    if (document.visibilityState === "visible") requestAnimationFrame(draw_now);
    else setTimeout(draw_now, UNSEEN_MS);
  });
}
