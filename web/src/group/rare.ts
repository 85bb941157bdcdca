/** What a group's page fetches when it is needed: what only some see, or late. */

export { Correction } from "../views/correction.tsx";
export { Around, Left } from "./view_around.tsx";
export { Away } from "./view_away.tsx";
