/** The middle column: tabs of open rooms and the conversation in front. State in, callbacks out. */

import { isolated, tr } from "../i18n/texts.ts";
import { group_of, name_of_room } from "../state/overview.ts";
import { type RoomState, unread } from "../state/room.ts";
import { Correction } from "../views/correction.tsx";
import { told_room } from "../views/group.ts";
import { TypingLine } from "../views/log.tsx";
import { Unsent } from "../views/unsent.tsx";
import type { DeskProps } from "./actions.ts";
import { ActButtons, RoomDialogs } from "./view_acts.tsx";
import { AidedComposer, AidsButtons, sends_by_enter } from "./view_composer.tsx";
import { GroupTop } from "./view_group.tsx";
import { LongLog } from "./view_log.tsx";
import { PresenceMark, Unread } from "./view_marks.tsx";
import { RecordPanel } from "./view_record.tsx";
import { language_name } from "./words.ts";

export function RoomColumn(props: DeskProps) {
  const { state } = props;
  const room = state.active ? state.rooms[state.active] : undefined;
  return (
    <section class="column rooms" aria-label={tr("Chats")}>
      {state.tabs.length > 0 && <Tabs {...props} />}
      {room ? (
        <Front key={room.room} {...props} room={room} />
      ) : (
        <p class="empty middle">{tr("No chat is open. Press “Chat now” beside somebody who is waiting.")}</p>
      )}
    </section>
  );
}

function Tabs({ state, actions }: DeskProps) {
  return (
    <ul class="tabs" aria-label={tr("Open chats")}>
      {state.tabs.map((room) => {
        const known = state.rooms[room];
        const name = name_of_room(state, room);
        return (
          <li key={room} class={room === state.active ? "in-front" : ""} data-room={room}>
            <button
              type="button"
              class="tab"
              aria-current={room === state.active ? "true" : undefined}
              onClick={() => actions.choose(room)}
            >
              <bdi>{name}</bdi>
              <Unread count={known ? unread(known) : 0} />
              {known?.status === "closed" && <span class="soft tab-ended">{tr("ended")}</span>}
            </button>
            <button
              type="button"
              class="tab-close"
              aria-label={tr("Close the tab of {name}", { name })}
              title={tr("Close this tab. The chat goes on.")}
              onClick={() => actions.close_tab(room)}
            >
              <span aria-hidden="true">✕</span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}

function Front(props: DeskProps & { room: RoomState }) {
  const { state, room, now, actions } = props;
  const group = group_of(state, room.room);
  const closed = room.status === "closed";
  return (
    <div class="front">
      {group ? <GroupTop {...props} group={group} /> : <FrontTop {...props} />}
      <RoomDialogs {...props} />
      {room.note && !closed && (
        <details class="notice hand-over-note" open>
          <summary>{tr("Note of the hand-over")}</summary>
          <p dir="auto">{room.note}</p>
        </details>
      )}
      {room.gone && (
        <div class="notice warning end-notice" tabIndex={-1}>
          <p>{room.gone}</p>
        </div>
      )}
      <LongLog
        room={told_room(room)}
        now={now}
        place={actions.place(room.room)}
        on_away={(place) => actions.keep_place(room.room, place)}
        on_earlier={() => actions.fetch_earlier(room.room)}
        on_try_again={(nonce) => actions.try_again(room.room, nonce)}
        on_given_up={(nonce) => actions.give_up(room.room, nonce)}
      />
      {!closed && room.gone && <Unsent text={unsent_text(props)} />}
      {closed ? (
        <div class="after">
          <div class="notice end-notice" tabIndex={-1}>
            <p>{tr("This conversation has ended.")}</p>
            <button type="button" class="button" onClick={() => actions.close_tab(room.room)}>
              {tr("Close this tab")}
            </button>
          </div>
          <Unsent text={unsent_text(props)} />
          {!group && <RecordPanel {...props} />}
        </div>
      ) : (
        !room.gone && (
          <>
            <TypingLine room={room} />
            <div class="aids-line">
              <Correction
                room={room}
                sends={sends_by_enter(state)}
                on_correct={(seq, text) => actions.correct(room.room, seq, text)}
              />
              <AidsButtons {...props} />
            </div>
            <AidedComposer {...props} />
          </>
        )
      )}
    </div>
  );
}

/** What another device has sent is in the log. */
function unsent_text({ room, actions }: DeskProps & { room: RoomState }): string {
  const text = actions.unsent(room.room).trim();
  return room.messages.some((one) => one.sender?.id === room.me && one.text === text) ? "" : text;
}

function FrontTop(props: DeskProps & { room: RoomState }) {
  const { state, room } = props;
  const closed = room.status === "closed";
  const entry = state.list.entries[room.room];
  return (
    <div class="front-top">
      <h2>
        <bdi>{name_of_room(state, room.room)}</bdi>
      </h2>
      {entry && !closed && !entry.left_message && <PresenceMark present={entry.present} />}
      {entry?.risk && !closed && <span class="mark risk">{tr("Risk")}</span>}
      {entry?.language && !closed && <span class="soft">{language_name(entry.language)}</span>}
      {entry && !closed && <Company {...props} />}
      <div class="actions">
        <ActButtons {...props} />
      </div>
    </div>
  );
}

/** Which other consultants are in the room, and who was asked to come. */
function Company({ state, room }: DeskProps & { room: RoomState }) {
  const { members = [], asked = [] } = state.list.entries[room.room] ?? {};
  const there = members.filter((one) => one.id !== state.me.id).map((one) => isolated(one.name));
  const called = state.staff.filter((one) => asked.includes(one.id)).map((one) => isolated(one.name));
  return (
    <>
      {there.length > 0 && <span class="soft">{tr("with {name}", { name: there.join(", ") })}</span>}
      {called.length > 0 && <span class="soft">{tr("asked in: {names}", { names: called.join(", ") })}</span>}
    </>
  );
}
