/** What every screen of the client's side gets: the state, and what the client may do. Types only. */

import type { FrameProps } from "../client/frame.tsx";
import type { TalkActions } from "../client/talk.tsx";
import type { AnteroomState } from "../state/anteroom.ts";
import type { Answers, Message } from "../state/types.ts";
import type { Filled } from "./anteroom.ts";
import type { Calls } from "./calls.ts";

/** What the client may do beside talking; called as methods, never handed on as they are. */
export interface AnteroomActions extends TalkActions {
  enter: (filled: Filled) => void;
  come_back: (code: string) => void;
  correct: (problems: Record<string, string>, what?: string | false) => void;
  /** What was filled in where the screen changed meanwhile. */
  filled: FormData | undefined;
  /** Somebody fills something in, or wants to go on where that can be used. */
  writes: (writing: boolean) => void;
  make_return_code: () => void;
  answer_survey: (answers: Answers) => void;
  /** Gives all that was said to whoever makes a file of it. */
  save: (keep: (messages: Message[]) => void) => void;
  delete_all: () => void;
}

export interface Props extends FrameProps {
  state: AnteroomState;
  now: Date;
  /** Where groups are listed, if there are any. */
  groups: string | undefined;
  actions: AnteroomActions;
  rare: typeof import("./rare.ts") | undefined;
  calls: Calls | undefined;
}
