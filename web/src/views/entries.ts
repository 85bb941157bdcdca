/** What happened in a room, in words for whoever reads it: in go an entry and the room, out comes a sentence in the reader's language. Pure. */

import { isolated, tr } from "../i18n/texts.ts";
import type { RoomState } from "../state/room.ts";
import type { Message } from "../state/types.ts";

export function entry_text({ kind, sender, text }: Message, { me }: RoomState): string {
  const name = isolated(sender?.name ?? "");
  switch (kind) {
    case "entered":
      return sender?.id === me ? tr("You are here.") : tr("{name} came in.", { name });
    case "claimed":
      return tr("{name} is here for you now.", { name });
    case "joined":
      return tr("{name} joined the conversation.", { name });
    case "left":
      return tr("{name} left.", { name });
    case "left_quickly":
      return tr("{name} left quickly.", { name });
    case "transferred":
      // Whoever goes on is named in the English text only.
      return tr("{name} goes on with you from here.", {
        name: isolated(text.replace(/ goes on with.*/, "")),
      });
    case "released":
      return tr("{name} had to go. Somebody else will go on.", { name });
    case "vanished":
      return tr("The connection of {name} was lost. Somebody else will go on.", { name });
    case "dismissed":
      return tr("The service has closed in the meantime.");
    case "blocked":
      return tr("A new conversation has to wait.");
    case "closed":
      return tr("The conversation has ended.");
    default:
      return isolated(text);
  }
}
