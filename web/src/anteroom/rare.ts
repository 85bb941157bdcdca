/** What the anteroom's page fetches when it is needed: what only some see, or late. */

import type { Message } from "../state/types.ts";
import { save_file, transcript } from "../views/transcript.ts";

export { Correction } from "../views/correction.tsx";
export { Calls } from "./calls.ts";
export { Around } from "./view_around.tsx";
export { Away } from "./view_away.tsx";
export { Farewell } from "./view_farewell.tsx";
export { Turned } from "./view_turned.tsx";

/** Gives the client what was said, as a file with a name that says nothing. */
export function save(messages: Message[]): void {
  save_file(transcript(messages));
}
