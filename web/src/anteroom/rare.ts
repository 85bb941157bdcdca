/** What the anteroom's page fetches when it is needed: what only some see, or late. */

export { Correction } from "../views/correction.tsx";
export { Calls } from "./calls.ts";
export { Around } from "./view_around.tsx";
export { Away } from "./view_away.tsx";
export { Farewell } from "./view_farewell.tsx";
export { Turned } from "./view_turned.tsx";
