/** Code that few need, or only late: in goes how it is imported, out comes what it has, once that is here. It shows nothing. */

import { marked, speak_late } from "../i18n/language.ts";

/** What could not be fetched is asked for again by itself. */
const AGAIN_MS = 10_000;
/** As long whoever asks sees at least that it is tried: without a network it has failed at once. */
const SHOWN_MS = 400;

export class Later<Code> {
  fetched: Code | undefined;
  failed = false;
  /** Because somebody asked for it. */
  trying = false;
  #tries = 0;
  #fetching: Promise<void> | undefined;
  #waiting: ReturnType<typeof setTimeout> | undefined;

  /** `mark`: goes behind the address, which the build sees to (shrink.mjs). */
  constructor(private readonly load: (mark: string) => Promise<Code>) {}

  /** Asked for with each drawing: what is here is drawn, and so is that it could not be fetched. */
  fetch(draw: () => void): void {
    this.#fetching ??= Promise.all([this.load(marked(this.#tries++)), speak_late()]).then(
      ([code]) => {
        this.fetched = code;
        draw();
      },
      () => {
        this.failed = true;
        this.trying = false;
        this.#try_in(AGAIN_MS, draw);
        draw();
      },
    );
  }

  /** Somebody asks for it. */
  again(draw: () => void): void {
    this.trying = true;
    this.#try_in(SHOWN_MS, draw);
    draw();
  }

  #try_in(milliseconds: number, draw: () => void): void {
    clearTimeout(this.#waiting);
    this.#waiting = setTimeout(() => {
      this.#fetching = undefined;
      this.fetch(draw);
    }, milliseconds);
  }
}
