/** The conversation itself, as every page of clients shows it: what was said, and where one writes. State in, callbacks out. */

import type { ComponentChildren } from "preact";
import { tr } from "../i18n/texts.ts";
import type { RoomState } from "../state/room.ts";
import { Composer } from "../views/composer.tsx";
import { Log, TypingLine } from "../views/log.tsx";

/** What the client may do in a room; called as methods, never handed on as they are. */
export interface TalkActions {
  /** What is written and not yet sent. */
  readonly draft: string;
  say: (text: string) => void;
  types: (draft: string) => void;
  try_again: (nonce: string) => void;
  give_up: (nonce: string) => void;
  fetch_earlier: () => void;
  /** Says something else in the last message, or nothing; gives what went wrong, in words. */
  amend: (seq: number, text: string | null) => Promise<string>;
  leave: () => void;
  start_again: () => void;
}

interface TalkProps {
  room: RoomState;
  now: Date;
  actions: TalkActions;
  /** Once it is there. */
  Correction: typeof import("../views/correction.tsx").Correction | undefined;
  /** Stands where one would write. */
  silence?: ComponentChildren;
}

export function Talk({ room, now, actions, silence, Correction }: TalkProps) {
  const open = room.status !== "closed";
  return (
    <>
      <Log
        room={room}
        now={now}
        on_earlier={() => actions.fetch_earlier()}
        on_try_again={(nonce) => actions.try_again(nonce)}
        on_given_up={(nonce) => actions.give_up(nonce)}
      />
      {open && <TypingLine room={room} />}
      {open &&
        (silence || (
          <>
            {Correction && <Correction room={room} on_correct={(seq, text) => actions.amend(seq, text)} />}
            <Composer
              key={room.room}
              id="composer"
              label={tr("Your message")}
              draft={actions.draft}
              on_draft={(draft) => actions.types(draft)}
              on_send={(text) => actions.say(text)}
            />
          </>
        ))}
    </>
  );
}
