/** Small pieces of several screens of a group's page. State in, callbacks out. */

import { Others } from "../client/others.tsx";
import { tr } from "../i18n/texts.ts";
import { AskingButton } from "../views/parts.tsx";
import type { Props } from "./props.ts";

/** Takes back all of one's part, and what could not be done about it. */
export function Unsay({ state, actions }: Props) {
  const { problems } = state;
  const words = tr("Delete what I said");
  return (
    <>
      <AskingButton
        class="link"
        question={tr(
          "Delete all that you said here, and your name? You leave the group. The others see that something was deleted, not what.",
        )}
        yes={words}
        no={tr("Cancel")}
        on_yes={() => actions.delete_said()}
      >
        {words}
      </AskingButton>
      {problems[""] && (
        <p class="problem" role="alert">
          {problems[""]}
        </p>
      )}
    </>
  );
}

/** It is done. */
export function Deleted({ state }: Props) {
  return (
    state.deleted && (
      <p class="notice" role="status">
        {tr("What you said in this group is deleted, and so is your name.")}
      </p>
    )
  );
}

/** For who would rather not be in a group. */
export function Alone({ alone }: Props) {
  return (
    <p class="after">
      <a href={alone}>{tr("Talk with somebody alone")}</a>
    </p>
  );
}

/** Whom to turn to instead. */
export function Instead(props: Props) {
  return (
    <>
      <Others elsewhere={props.state.description?.elsewhere ?? []} />
      <Alone {...props} />
    </>
  );
}
