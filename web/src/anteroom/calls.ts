/** How somebody who waits is called: in go the boxes they tick, out come a tone and a vibration. Which of them stays over a reload. */

import type { IdentityKeeper } from "../client/identity.ts";
import { Caller } from "../views/call.ts";

export class Calls extends Caller {
  constructor(private readonly keeper: IdentityKeeper) {
    super();
    const { sound = false, vibration = false } = keeper.get() ?? {};
    this.sound = sound;
    this.vibration = vibration;
    // Browsers give no tone before somebody has touched the page; that touch itself sounds nothing.
    const touched = () => this.sound && this.wake();
    for (const kind of ["pointerup", "keydown"]) addEventListener(kind, touched);
  }

  /** From a click; lets them hear or feel it once. */
  wish(kind: "sound" | "vibration", wanted: boolean): void {
    this[kind] = wanted;
    this.keep();
    if (kind === "sound") this.wake();
    if (wanted) this.call(kind);
  }

  /** For a reload, also of the next conversation. */
  keep(): void {
    const { sound, vibration } = this;
    this.keeper.add({ sound, vibration });
  }
}

/** Computers say that they can, too, and have nothing to do it with. */
export const can_vibrate = () => !!navigator.vibrate && matchMedia("(pointer: coarse)").matches;
