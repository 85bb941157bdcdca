/** Code that few need, or only late: in goes how it is imported, out comes what it has, once that is here. It shows nothing. */

import { speak_late } from "../i18n/language.ts";

/** What could not be fetched is asked for again by itself. */
const AGAIN_MS = 10_000;

export class Later<Code> {
  fetched: Code | undefined;
  failed = false;
  #fetching: Promise<void> | undefined;
  #waiting: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly load: () => Promise<Code>) {}

  /** Asked for with each drawing: what is here is drawn, and so is that it could not be fetched. */
  fetch(draw: () => void): void {
    this.#fetching ??= Promise.all([this.load(), speak_late()]).then(
      ([code]) => {
        this.fetched = code;
        draw();
      },
      () => {
        this.failed = true;
        this.#waiting = setTimeout(() => this.again(draw), AGAIN_MS);
        draw();
      },
    );
  }

  again(draw: () => void): void {
    clearTimeout(this.#waiting);
    this.#fetching = undefined;
    this.fetch(draw);
  }
}
