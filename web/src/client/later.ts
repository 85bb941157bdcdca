/** Code that few need, or only late: in goes how it is imported, out comes what it has, once that is here. It shows nothing. */

import { add_texts } from "../i18n/texts.ts";

export class Later<Code extends { late_texts: () => Parameters<typeof add_texts>[0] }> {
  fetched: Code | undefined;
  #fetching: Promise<void> | undefined;

  constructor(private readonly load: () => Promise<Code>) {}

  /** Asked for with each drawing: what could not be fetched is asked for again, and what could is drawn. */
  fetch(draw: () => void): void {
    this.#fetching ??= this.load().then(
      (code) => {
        add_texts(code.late_texts());
        this.fetched = code;
        draw();
      },
      () => {
        this.#fetching = undefined;
      },
    );
  }
}
