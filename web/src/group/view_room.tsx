/** The group as its clients see it: who is in it, what is said, and the ways out. State in, callbacks out. */

import { Heading, Lines } from "../client/parts.tsx";
import { Talk } from "../client/talk.tsx";
import { plural, tr } from "../i18n/texts.ts";
import type { RoomState } from "../state/room.ts";
import { told_room } from "../views/group.ts";
import { AskingButton } from "../views/parts.tsx";
import { Instead, Unsay } from "./parts.tsx";
import type { Props } from "./props.ts";
import { end_text } from "./times.ts";

export function RoomScreen(props: Props & { room: RoomState }) {
  const { actions } = props;
  // Nobody is told how far others have read.
  const room = { ...told_room(props.room), seen: {}, delivered: {} };
  const closed = room.status === "closed";
  return (
    <div class={`talk ${closed ? "over" : ""}`}>
      {closed ? (
        <div class="panel">
          <Heading>{tr("This group has ended")}</Heading>
          <p>{tr("Thank you for being part of it.")}</p>
          <Instead {...props} />
          <Unsay {...props} />
        </div>
      ) : (
        <>
          <About {...props} />
          <div class="doors">
            <AskingButton
              class="link"
              question={tr("Leave this group?")}
              yes={tr("Leave")}
              no={tr("Stay")}
              on_yes={() => actions.leave()}
            >
              {tr("Leave the group")}
            </AskingButton>
            <Unsay {...props} />
          </div>
        </>
      )}
      <Talk
        room={room}
        now={props.now}
        actions={actions}
        Correction={props.rare?.Correction}
        silence={
          room.group?.muted && (
            <p class="notice muted">{tr("For a while only those who lead the group can write.")}</p>
          )
        }
      />
    </div>
  );
}

/** What the group is, and who is in it. */
function About({ room, now }: Props & { room: RoomState }) {
  const { group, members, me } = room;
  if (!group) return null;
  return (
    <div class="notice about">
      <Heading>
        <bdi>{group.name}</bdi>
      </Heading>
      <details>
        <summary>
          {plural(members.length, "{count} person is in the group.", "{count} people are in the group.")}{" "}
          <span class="soft">{end_text(group.ends_at, now)}</span>
        </summary>
        <ul class="present">
          {members.map(({ id, name, role }) => (
            <li key={id}>
              <bdi>{name}</bdi> {id === me && <span class="soft">({tr("You")})</span>}
              {role !== "client" && <span class="soft">({tr("leads the group")})</span>}
            </li>
          ))}
        </ul>
        <Lines text={group.text} />
      </details>
    </div>
  );
}
