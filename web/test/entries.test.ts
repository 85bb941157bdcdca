import { expect, test } from "vitest";
import { new_room } from "../src/state/room.ts";
import type { Message } from "../src/state/types.ts";
import { entry_text } from "../src/views/entries.ts";

test("whoever goes on with a client is told by the name in the server's words", () => {
  const sender = { id: "dana", name: "Dana", role: "staff" as const };
  const told = { seq: 4, at: "2026-11-23T09:00:00.000Z", kind: "transferred", sender, nonce: null };
  for (const name of ["Maria", "\u2068\u05de\u05e8\u05d9\u05dd\u2069", "Ren\u00e9 \u017d"]) {
    const message: Message = { ...told, text: `${name} goes on with you from here.` };
    const said = entry_text(message, new_room("room1", "me"));
    expect(said.replace(/[\u2068\u2069]/g, "")).toBe(message.text.replace(/[\u2068\u2069]/g, ""));
  }
});
