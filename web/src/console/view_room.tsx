/** The middle column: tabs of open rooms and the conversation in front. State in, callbacks out. */

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { plural, tr } from "../i18n/texts.ts";
import { name_of_room } from "../state/console.ts";
import { type RoomState, unread } from "../state/room.ts";
import { Composer } from "../views/composer.tsx";
import { Log, TypingLine } from "../views/log.tsx";
import { AskingButton } from "../views/parts.tsx";
import { PresenceMark } from "./view_clients.tsx";
import type { DeskProps } from "./views.tsx";
import { presence_name } from "./words.ts";

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
        const count = known ? unread(known) : 0;
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
              {count > 0 && (
                <span class="badge">
                  {count}
                  <span class="quiet"> {tr("unread")}</span>
                </span>
              )}
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
  const [handing, set_handing] = useState(false);
  const closed = room.status === "closed";
  const name = name_of_room(state, room.room);
  const entry = state.list.entries[room.room];
  const may_hand_over = entry?.served_by?.id === state.me.id || state.me.role === "manager";
  return (
    <div class="front">
      <div class="front-top">
        <h2>
          <bdi>{name}</bdi>
        </h2>
        {entry && !closed && <PresenceMark present={entry.present} />}
        {!closed && !room.gone && (
          <div class="actions">
            {may_hand_over && (
              <button type="button" class="button" onClick={() => set_handing(true)}>
                {tr("Hand over")}
              </button>
            )}
            <AskingButton
              class="danger"
              question={tr("End the chat with {name}? Nobody can write in it afterwards.", { name })}
              yes={tr("End the chat")}
              no={tr("Go on")}
              on_yes={() => actions.end(room.room)}
            >
              {tr("End chat")}
            </AskingButton>
          </div>
        )}
      </div>
      {handing && <HandOver {...props} on_done={() => set_handing(false)} />}
      {room.note && !closed && (
        <div class="notice hand-over-note">
          <p>
            <strong>{tr("Note of the hand-over:")}</strong> <span dir="auto">{room.note}</span>
          </p>
        </div>
      )}
      {room.gone && (
        <div class="notice warning">
          <p>{room.gone}</p>
        </div>
      )}
      <Log
        room={room}
        now={now}
        on_earlier={() => actions.fetch_earlier(room.room)}
        on_try_again={(nonce) => actions.try_again(room.room, nonce)}
        on_given_up={(nonce) => actions.give_up(room.room, nonce)}
      />
      {closed ? (
        <div class="notice">
          <p>{tr("This conversation has ended.")}</p>
          <button type="button" class="button" onClick={() => actions.close_tab(room.room)}>
            {tr("Close this tab")}
          </button>
        </div>
      ) : (
        !room.gone && (
          <>
            <TypingLine room={room} />
            <Composer
              id={`composer-${room.room}`}
              label={tr("Your message to {name}", { name })}
              draft={actions.draft(room.room)}
              on_draft={(draft) => actions.types(room.room, draft)}
              on_send={(text) => actions.say(room.room, text)}
            />
          </>
        )
      )}
    </div>
  );
}

function HandOver({ state, room, actions, on_done }: DeskProps & { room: RoomState; on_done: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [to, set_to] = useState("");
  const [note, set_note] = useState("");
  useLayoutEffect(() => dialog.current?.showModal(), []);
  const holder = state.list.entries[room.room]?.served_by?.id;
  const others = state.staff.filter((one) => one.id !== holder);
  const chats_of = (id: string) =>
    Object.values(state.list.entries).filter((entry) => entry.served_by?.id === id).length;
  // Closing first, and taking away afterwards, gives the focus back to the button.
  const close = () => dialog.current?.close();
  const submit = (event: Event) => {
    event.preventDefault();
    if (!to) return;
    actions.hand_over(room.room, to, note.trim());
    close();
  };
  return (
    <dialog class="card ask" ref={dialog} onClose={on_done} aria-label={tr("Hand over")}>
      <form onSubmit={submit}>
        <h2>{tr("Hand over")}</h2>
        {others.length === 0 && <p>{tr("There is no colleague to hand over to.")}</p>}
        {others.length > 0 && (
          <fieldset class="field colleagues">
            <legend>{tr("To whom")}</legend>
            {others.map((one) => (
              <label key={one.id}>
                <input
                  type="radio"
                  name="to"
                  required
                  checked={to === one.id}
                  onChange={() => set_to(one.id)}
                />
                <span>
                  <bdi>{one.name}</bdi>{" "}
                  <span class="soft">
                    {presence_name(one.presence ?? "away")},{" "}
                    {plural(chats_of(one.id), "{count} chat", "{count} chats")}
                  </span>
                </span>
              </label>
            ))}
          </fieldset>
        )}
        <div class="field">
          <label for="hand-over-note">
            {tr("Note for your colleague")} <span class="optional">{tr("(optional)")}</span>
          </label>
          <textarea
            id="hand-over-note"
            rows={3}
            maxLength={1000}
            value={note}
            onInput={(event) => set_note(event.currentTarget.value)}
          />
        </div>
        <div class="actions">
          <button type="submit" class="button primary" disabled={!to}>
            {tr("Hand over")}
          </button>
          <button type="button" class="button" onClick={close}>
            {tr("Cancel")}
          </button>
        </div>
      </form>
    </dialog>
  );
}
