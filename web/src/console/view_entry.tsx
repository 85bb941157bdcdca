/** One line of the clientlist: in goes what it says, out comes what is pressed. It is drawn again only when it says something else. */

import { Component } from "preact";
import { isolated, tr } from "../i18n/texts.ts";
import type { Entry } from "../state/desk_types.ts";
import { moment_text, TIME } from "../views/times.ts";
import type { DeskActions } from "./actions.ts";
import { Marks, PresenceMark, Unread } from "./view_marks.tsx";
import { SHORT_DAY } from "./waiting.ts";
import { language_name } from "./words.ts";

export interface EntryRowProps {
  entry: Entry;
  /** The place in the line; null when there is none. */
  place: number | null;
  waited: string;
  unread: number;
  in_front: boolean;
  /** There is a tab or a conversation of it. */
  is_open: boolean;
  busy: boolean;
  me: string;
  manager: boolean;
  actions: DeskActions;
}

export class EntryRow extends Component<EntryRowProps> {
  override shouldComponentUpdate(next: EntryRowProps): boolean {
    return Object.entries(next).some(([key, value]) => this.props[key as keyof EntryRowProps] !== value);
  }

  override render() {
    const { entry, place, waited, unread, in_front, me } = this.props;
    const { room, name, status, served_by, topic, language, left_message } = entry;
    const mine = served_by?.id === me;
    const others = (entry.members ?? []).filter((one) => one.id !== served_by?.id && one.id !== me);
    return (
      <li class={`entry${in_front ? " in-front" : ""}`} data-room={room} data-status={status}>
        <p class="entry-name">
          {place !== null && (
            <span class="entry-position">
              <span class="quiet">{tr("Place")} </span>
              {place}
            </span>
          )}
          <bdi>{name}</bdi>
          <Unread count={unread} />
        </p>
        <Marks marks={marks_of(entry, me)} />
        {topic && (
          <p class="entry-topic">
            <bdi>{topic}</bdi>
          </p>
        )}
        <p class="entry-facts">
          {!left_message && <PresenceMark present={entry.present} />}
          <span>
            {status === "waiting"
              ? tr("waiting {time}", { time: waited })
              : tr("for {time}", { time: waited })}
          </span>
          {language && <span>{language_name(language)}</span>}
          {served_by && (
            <span>{mine ? tr("with you") : tr("with {name}", { name: isolated(served_by.name) })}</span>
          )}
          {others.length > 0 && (
            <span>{tr("and {names}", { names: others.map((one) => isolated(one.name)).join(", ") })}</span>
          )}
        </p>
        <RowActions {...this.props} />
      </li>
    );
  }
}

function marks_of(entry: Entry, me: string): [kind: string, text: string][] {
  const marks: [string, string][] = [];
  if (entry.asked?.includes(me)) marks.push(["asked", tr("You are asked in")]);
  if (entry.vanished_since) marks.push(["vanished", tr("Consultant lost")]);
  if (entry.risk) marks.push(["risk", tr("Risk")]);
  else if (entry.priority) marks.push(["urgent", tr("Urgent")]);
  if (entry.left_message) marks.push(["left-message", tr("Message left")]);
  if (entry.appointment) {
    const { at, with: whose } = entry.appointment;
    const time = moment_text(at, { ...SHORT_DAY, ...TIME });
    const name = whose ? isolated(whose.name) : "";
    marks.push([
      "asked",
      name ? tr("Appointment with {name}, {time}", { name, time }) : tr("Appointment, {time}", { time }),
    ]);
  }
  return marks;
}

function RowActions({ entry, is_open, busy, me, manager, actions }: EntryRowProps) {
  const { room, name, status, served_by, left_message } = entry;
  const asked = entry.asked?.includes(me);
  const inside = served_by?.id === me || is_open;
  const button = (text: string, label: string, act: (room: string) => void, kind = "") => (
    <button
      type="button"
      class={`button ${kind}`}
      disabled={busy && kind === "primary"}
      onClick={() => act(room)}
      aria-label={label}
    >
      {text}
    </button>
  );
  return (
    <div class="actions">
      {button(tr("Profile"), tr("Profile of {name}", { name }), actions.show_profile)}
      {status === "waiting" &&
        (left_message
          ? button(tr("Answer"), tr("Answer the message of {name}", { name }), actions.claim, "primary")
          : button(tr("Chat now"), tr("Chat now with {name}", { name }), actions.claim, "primary"))}
      {status === "active" &&
        inside &&
        button(tr("Open chat"), tr("Open chat with {name}", { name }), actions.open)}
      {status === "active" &&
        !inside &&
        asked &&
        button(tr("Come in"), tr("Come in: chat with {name}", { name }), actions.join, "primary")}
      {asked && button(tr("Decline"), tr("Decline: chat with {name}", { name }), actions.decline)}
      {status === "active" &&
        !inside &&
        !asked &&
        manager &&
        button(tr("Join"), tr("Join the chat of {name}", { name }), actions.join)}
    </div>
  );
}
