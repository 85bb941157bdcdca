/**
 * A group's room as its log shows it: in goes the room, out comes the same with words for what only happens in groups and for those who
 * deleted their names, in the reader's language. An entry that stays the same gives the same. Pure but for what it remembers.
 */

import { isolated, spoken, tr } from "../i18n/texts.ts";
import type { RoomState } from "../state/room.ts";
import type { Message } from "../state/types.ts";

const TOLD = new WeakMap<Message, { language: string; told: Message }>();

export function told_room(room: RoomState): RoomState {
  return room.group ? { ...room, messages: room.messages.map(told) } : room;
}

function told(message: Message): Message {
  const language = spoken();
  const known = TOLD.get(message);
  if (known?.language === language) return known.told;
  const next = in_words(message);
  TOLD.set(message, { language, told: next });
  return next;
}

function in_words(message: Message): Message {
  const { kind, sender, text } = message;
  const name = sender?.name || tr("Somebody");
  const words: Record<string, string> = {
    removed: tr("{name} was taken out of the group.", { name: isolated(name) }),
    muted: tr("For a while only those who lead the group can write."),
    unmuted: tr("Everybody can write again."),
    forgotten: tr("Somebody who was here deleted what they had written."),
    changed: tr("What the group says of itself has changed."),
  };
  const said = words[kind] ?? text;
  return sender?.name && said === text
    ? message
    : { ...message, text: said, sender: sender && { ...sender, name } };
}
