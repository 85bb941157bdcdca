/** What people are told about the connection: in go its status and what the browser says, out comes one sentence. Pure. */

import { plural, tr } from "../i18n/texts.ts";
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
    undelivered > 0
      ? ` ${plural(undelivered, "{count} message not yet delivered.", "{count} messages not yet delivered.")}`
      : "";
  if (link.status === "connected") {
    return waiting
      ? { tone: "busy", text: `${tr("Connected")}.${waiting}` }
      : { tone: "good", text: tr("Connected") };
  }
  if (link.offline) return { tone: "bad", text: `${tr("You are offline.")}${waiting}` };
  return { tone: "busy", text: `${tr("Reconnecting …")}${waiting}` };
}
