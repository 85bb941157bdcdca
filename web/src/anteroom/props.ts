/** What every screen of the client's side gets: the state, and what the client may do. Types only. */

import type { Language } from "../i18n/language.ts";
import type { AnteroomState } from "../state/anteroom.ts";
import type { Answers } from "../state/types.ts";
import type { Caller } from "../views/call.ts";
import type { Filled } from "./anteroom.ts";

/** What the client may do; called as methods, never handed on as they are. */
export interface AnteroomActions {
  /** What is written and not yet sent. */
  readonly draft: string;
  enter: (filled: Filled) => void;
  come_back: (code: string) => void;
  correct: (problems: Record<string, string>) => void;
  make_return_code: () => void;
  answer_survey: (answers: Answers) => void;
  say: (text: string) => void;
  types: (draft: string) => void;
  try_again: (nonce: string) => void;
  give_up: (nonce: string) => void;
  fetch_earlier: () => void;
  /** Says something else in the last message, or nothing; gives what went wrong, in words. */
  amend: (seq: number, text: string | null) => Promise<string>;
  /** Gives the client all that was said, as a file. */
  save: () => void;
  leave: () => void;
  start_again: () => void;
  delete_all: () => void;
}

export interface Props {
  state: AnteroomState;
  organisation: string;
  languages: Language[];
  caller: Caller;
  now: Date;
  actions: AnteroomActions;
  exit: () => void;
  speak: (language: Language) => void;
}
