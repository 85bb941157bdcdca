/** The service worker: in go the catalogs the build puts here, out comes /push.js. It only introduces them to each other. */

import type { Catalog } from "../i18n/texts.ts";
import { answer_calls, type Worker } from "./calls.ts";

declare const CATALOGS: Readonly<Record<string, Catalog>>;

answer_calls(self as unknown as Worker, CATALOGS);
