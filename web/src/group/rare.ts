/** What a group's page fetches when it is needed: what only some see, or late. */

import type { Catalog } from "../i18n/texts.ts";

export { Correction } from "../views/correction.tsx";
export { Around, Left } from "./view_around.tsx";
export { Away } from "./view_away.tsx";

/** What only this file says, by language, as built. */
declare const LATE_TEXTS: Record<string, Catalog>;

export const late_texts = () => LATE_TEXTS;
