/** What every screen of a group's page gets: the state, and what the client may do. Types only. */

import type { FrameProps } from "../client/frame.tsx";
import type { TalkActions } from "../client/talk.tsx";
import type { GroupPageState } from "../state/group_page.ts";
import type { Filled } from "./group.ts";

/** What the client may do beside talking; called as methods, never handed on as they are. */
export interface GroupActions extends TalkActions {
  enter: (filled: Filled) => void;
  correct: (problems: Record<string, string>) => void;
  come_back: () => void;
  delete_said: () => void;
}

export interface Props extends FrameProps {
  state: GroupPageState;
  now: Date;
  actions: GroupActions;
  /** Where one can talk with somebody alone. */
  alone: string;
  /** Once it is there. */
  rare: typeof import("./rare.ts") | undefined;
}
