/** What stands above a group's conversation, and after it: what it is, who is in it, and the ways out. State in, callbacks out. */

import { Others } from "../client/others.tsx";
import { Heading, Lines, Panel } from "../client/parts.tsx";
import { plural, tr } from "../i18n/texts.ts";
import type { RoomState } from "../state/room.ts";
import { AskingButton } from "../views/asking_button.tsx";
import { Alone } from "./parts.tsx";
import type { Props } from "./props.ts";
import { end_text } from "./times.ts";

export function Around(props: Props & { room: RoomState }) {
  const { actions, room } = props;
  return room.status === "closed" ? (
    <Panel title={tr("This group has ended")}>
      <p>{tr("Thank you for being part of it.")}</p>
      <Instead {...props} />
      <Unsay {...props} />
    </Panel>
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
  );
}

/** Whoever has left it can come back. */
export function Left(props: Props) {
  return (
    <>
      <p>{tr("You can come back under your name as long as this page is open.")}</p>
      <button type="button" class="button" onClick={() => props.actions.come_back()}>
        {tr("Come back")}
      </button>
      <Instead {...props} />
      <Unsay {...props} />
    </>
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

/** Whom to turn to instead. */
export function Instead(props: Props) {
  return (
    <>
      <Others elsewhere={props.state.description?.elsewhere ?? []} />
      <Alone {...props} />
    </>
  );
}
