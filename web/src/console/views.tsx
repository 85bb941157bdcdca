/** The consultant's desk: in goes the state, out come what the consultant does. It arranges the three columns; no I/O. */

import { tr } from "../i18n/texts.ts";
import { all_undelivered, type ConsoleState } from "../state/console.ts";
import type { Presence } from "../state/types.ts";
import { ConnectionLine } from "../views/parts.tsx";
import { ClientColumn } from "./view_clients.tsx";
import { ProfileColumn } from "./view_profile.tsx";
import { RoomColumn } from "./view_room.tsx";
import { presence_name } from "./words.ts";

export interface DeskActions {
  claim: (room: string) => void;
  join: (room: string) => void;
  open: (room: string) => void;
  choose: (room: string) => void;
  close_tab: (room: string) => void;
  show_profile: (room: string) => void;
  show_column: (column: ConsoleState["column"]) => void;
  end: (room: string) => void;
  hand_over: (room: string, to: string, note: string) => void;
  set_presence: (presence: Presence) => void;
  say: (room: string, text: string) => void;
  types: (room: string, draft: string) => void;
  draft: (room: string) => string;
  try_again: (room: string, nonce: string) => void;
  give_up: (room: string, nonce: string) => void;
  fetch_earlier: (room: string) => void;
  put_notice_away: () => void;
}

export interface DeskProps {
  state: ConsoleState;
  organisation: string;
  csrf: string;
  now: Date;
  actions: DeskActions;
}

const PRESENCES: Presence[] = ["here", "busy", "away"];

export function DeskView(props: DeskProps) {
  const { state, actions } = props;
  return (
    <div class="desk" data-column={state.column}>
      <a class="skip" href="#main">
        {tr("Skip to the clients")}
      </a>
      <Top {...props} />
      {state.notice && (
        <div class="desk-notice notice" role="alert">
          <p>{state.notice}</p>
          <button type="button" class="button link" onClick={actions.put_notice_away}>
            {tr("Dismiss")}
          </button>
        </div>
      )}
      <main class="columns" id="main" tabIndex={-1}>
        <h1 class="quiet">{tr("Clients of {organisation}", { organisation: props.organisation })}</h1>
        <ClientColumn {...props} />
        <RoomColumn {...props} />
        <ProfileColumn {...props} />
      </main>
      <BottomBar {...props} />
    </div>
  );
}

function Top({ state, organisation, csrf, actions }: DeskProps) {
  const manager = state.me.role === "manager";
  return (
    <header class="desk-top">
      <p class="desk-brand">
        <img src="/static/logo.svg" alt="" width="28" height="28" />
        <bdi>{organisation}</bdi>
      </p>
      <ConnectionLine link={state.link} undelivered={all_undelivered(state)} />
      <fieldset class="presence">
        <legend class="quiet">{tr("I am")}</legend>
        {PRESENCES.map((presence) => (
          <label key={presence}>
            <input
              type="radio"
              name="presence"
              checked={state.presence === presence}
              onChange={() => actions.set_presence(presence)}
            />
            <span>{presence_name(presence)}</span>
          </label>
        ))}
      </fieldset>
      <nav class="desk-nav" aria-label={tr("Pages")}>
        <a href="/clientlist" aria-current="page">
          {tr("Clients")}
        </a>
        {manager && <a href="/invite">{tr("Invite")}</a>}
        {manager && <a href="/organisation">{tr("Organisation")}</a>}
        <a href="/account" aria-label={tr("Account of {name}", { name: state.me.name })}>
          {tr("Account")}
        </a>
        <form method="post" action="/logout">
          <input type="hidden" name="csrf" value={csrf} />
          <button type="submit">{tr("Log out")}</button>
        </form>
      </nav>
    </header>
  );
}

function BottomBar({ state, actions }: DeskProps) {
  const columns: [ConsoleState["column"], string][] = [
    ["list", tr("Clients")],
    ["room", state.tabs.length > 0 ? `${tr("Chats")} (${state.tabs.length})` : tr("Chats")],
    ["profile", tr("Profile")],
  ];
  return (
    <nav class="bottom-bar" aria-label={tr("Columns")}>
      {columns.map(([column, label]) => (
        <button
          key={column}
          type="button"
          aria-current={state.column === column ? "true" : undefined}
          onClick={() => actions.show_column(column)}
        >
          {label}
        </button>
      ))}
    </nav>
  );
}
