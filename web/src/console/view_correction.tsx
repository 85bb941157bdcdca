/** Correcting one's own last message for as long as that is possible: in go the room and the moment, out come a new text or a withdrawal. */

import { useEffect, useState } from "preact/hooks";
import { tr } from "../i18n/texts.ts";
import type { RoomState } from "../state/room.ts";
import type { Message } from "../state/types.ts";
import { AskingButton } from "../views/parts.tsx";
import type { DeskProps } from "./actions.ts";

/** The server gives a minute; the rest is for the way there. */
const OFFERED_MS = 55_000;

/** One's own last message, if it still says something. */
function last_own(room: RoomState): Message | undefined {
  const message = room.messages.findLast((one) => one.kind === "message" && one.sender?.id === room.me);
  return message?.withdrawn ? undefined : message;
}

export function Correction(props: DeskProps & { room: RoomState }) {
  const message = last_own(props.room);
  if (!message || props.room.pending.length > 0) return null;
  return <Offer key={message.seq} {...props} message={message} />;
}

function Offer({ room, message, actions }: DeskProps & { room: RoomState; message: Message }) {
  // A clock that runs ahead of the server's takes time away, one behind gives none.
  const rest = Math.min(OFFERED_MS, OFFERED_MS - (Date.now() - new Date(message.at).getTime()));
  const [over, set_over] = useState(rest <= 0);
  const [text, set_text] = useState<string | null>(null);
  useEffect(() => {
    const timer = setTimeout(() => set_over(true), Math.max(0, rest));
    return () => clearTimeout(timer);
  }, []);
  if (text === null) {
    if (over) return null;
    return (
      <p class="correction">
        {tr("Your last message")}:{" "}
        <button type="button" class="button link" onClick={() => set_text(message.text)}>
          {tr("Edit")}
        </button>
        <AskingButton
          class="link"
          question={tr("Withdraw your last message? It is replaced by a line that says so.")}
          yes={tr("Withdraw")}
          no={tr("Keep it")}
          on_yes={() => actions.withdraw(room.room, message.seq)}
        >
          {tr("Withdraw")}
        </AskingButton>
      </p>
    );
  }
  const submit = async (event: Event) => {
    event.preventDefault();
    const wanted = text.trim();
    if (!wanted) return;
    if (wanted === message.text || (await actions.edit(room.room, message.seq, wanted))) set_text(null);
  };
  return (
    <form class="correction" onSubmit={(event) => void submit(event)}>
      <label for="correction">{tr("Edit your last message")}</label>
      <textarea
        id="correction"
        rows={2}
        maxLength={5000}
        value={text}
        dir="auto"
        onInput={(event) => set_text(event.currentTarget.value)}
      />
      <div class="actions">
        <button type="submit" class="button primary">
          {tr("Save")}
        </button>
        <button type="button" class="button" onClick={() => set_text(null)}>
          {tr("Cancel")}
        </button>
      </div>
    </form>
  );
}
