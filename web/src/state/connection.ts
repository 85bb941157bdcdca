/** What people are told about the connection: in go its status and what the browser says, out comes one sentence. Pure. */

import type { ConnectionStatus } from "../wamp/connection.ts";

export interface Link {
  status: ConnectionStatus;
  /** The browser says there is no network. */
  offline: boolean;
}

export interface LinkLine {
  tone: "good" | "busy" | "bad";
  text: string;
}

export function link_line(link: Link, undelivered: number): LinkLine {
  const waiting =
    undelivered === 0
      ? ""
      : undelivered === 1
        ? " 1 message not yet delivered."
        : ` ${undelivered} messages not yet delivered.`;
  if (link.status === "connected") {
    return waiting ? { tone: "busy", text: `Connected.${waiting}` } : { tone: "good", text: "Connected" };
  }
  if (link.offline) return { tone: "bad", text: `You are offline.${waiting}` };
  return { tone: "busy", text: `Reconnecting …${waiting}` };
}
