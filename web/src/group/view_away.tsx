/** When one cannot come into a group, or is in it no more: why, and what can be done instead. State in, callbacks out. */

import { coming_text } from "../client/coming.ts";
import { Heading, Lines } from "../client/parts.tsx";
import { tr } from "../i18n/texts.ts";
import { Deleted } from "./parts.tsx";
import type { Props } from "./props.ts";
import { span_text } from "./times.ts";
import { Instead, Unsay } from "./view_around.tsx";

export function Away(props: Props) {
  const { group, reason, room } = props.state;
  return (
    <div class="panel">
      <Heading>{title_of(props)}</Heading>
      <Deleted {...props} />
      {group && reason === "not_yet" && (
        <>
          <p>
            <strong>
              {tr("It begins on {moment}.", { moment: span_text(group.opens_at, group.ends_at) })}
            </strong>
          </p>
          <Lines text={group.text} />
          <p class="soft">{tr("This page opens by itself.")}</p>
        </>
      )}
      {explained(props).map((text) => (
        <p key={text}>{text}</p>
      ))}
      {reason !== "not_yet" && <Instead {...props} />}
      {room && <Unsay {...props} />}
    </div>
  );
}

function title_of({ state }: Props): string {
  switch (state.reason) {
    case "full":
      return tr("The group is full just now");
    case "over":
      return tr("This group has ended");
    case "removed":
      return tr("You are in this group no more");
    case "blocked":
      return tr("A new conversation has to wait.");
  }
  return state.group?.name ?? "";
}

function explained({ state, now }: Props): string[] {
  const { reason, until } = state;
  switch (reason) {
    case "full":
      return [tr("As soon as there is a place, you can come in here. This page looks by itself.")];
    case "over":
      return [tr("Thank you for your interest. Its time is over, and nobody can come in any more.")];
    case "removed":
      return [
        tr("Those who lead the group have ended your part in it, and you cannot come in again."),
        tr("What troubles you matters all the same. If you need somebody now, you can turn to others."),
      ];
    case "blocked":
      return until ? [tr("You are welcome again: {moment}.", { moment: coming_text(until, now) })] : [];
  }
  return [];
}
