/** What was said in a room as plain text, and any text as a file of the browser's: in go entries or a text, out comes a text or a download. */

import { spoken } from "../i18n/texts.ts";
import type { Message } from "../state/types.ts";

/** What people said, a line each; what was withdrawn has no text, and what happened no nonce. */
export function transcript(messages: Message[]): string {
  return messages
    .filter((one) => one.nonce && one.text)
    .map(({ at, sender, text }) => `${new Date(at).toLocaleString(spoken())} ${sender?.name}: ${text}`)
    .join("\n");
}

export function save_file(text: string): void {
  const href = `data:text/plain;charset=utf-8,${encodeURIComponent(text)}`;
  Object.assign(document.createElement("a"), { download: "chat.txt", href }).click();
}

/** Gives the client what was said, as a file with a name that says nothing. */
export function save(messages: Message[]): void {
  save_file(transcript(messages));
}
