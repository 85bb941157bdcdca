/** The consultant's desk: in goes the state, out come what the consultant does. It arranges the three columns; no I/O. */

import { tr } from "../i18n/texts.ts";
import type { ConsoleState } from "../state/console.ts";
import { group_of } from "../state/overview.ts";
import type { DeskProps } from "./actions.ts";
import { AnswersDialog, ReferralsDialog } from "./view_aids.tsx";
import { BlocksDialog } from "./view_blocks.tsx";
import { ClientColumn } from "./view_clients.tsx";
import { CommandsDialog } from "./view_commands.tsx";
import { GroupPanel } from "./view_group.tsx";
import { GroupDialog } from "./view_group_dialog.tsx";
import { LoggedOut, LoginNotice } from "./view_login.tsx";
import { NotesPanel } from "./view_notes.tsx";
import { OpeningsPanel } from "./view_openings.tsx";
import { ProfilePanel } from "./view_profile.tsx";
import { RoomColumn } from "./view_room.tsx";
import { SettingsDialog } from "./view_settings.tsx";
import { Top } from "./view_top.tsx";

export function DeskView(props: DeskProps) {
  const { state, actions } = props;
  if (state.is_logged_out) return <LoggedOut />;
  return (
    <div class="desk" data-column={state.column}>
      <a class="skip" href="#main">
        {tr("Skip to the clients")}
      </a>
      <Top {...props} />
      {state.notice && (
        <div class={`desk-notice notice${state.link.status === "connected" ? "" : " error"}`} role="alert">
          <p>{state.notice}</p>
          <button type="button" class="button link" onClick={actions.put_notice_away}>
            {tr("Dismiss")}
          </button>
        </div>
      )}
      <LoginNotice {...props} />
      <main class="columns" id="main" tabIndex={-1}>
        <h1 class="quiet">{tr("Clients of {organisation}", { organisation: props.organisation })}</h1>
        <ClientColumn {...props} />
        <RoomColumn {...props} />
        <div class="column side">
          {group_of(state, state.profile_of) ? <GroupPanel {...props} /> : <ProfilePanel {...props} />}
          <NotesPanel {...props} />
          <OpeningsPanel {...props} />
        </div>
      </main>
      <BottomBar {...props} />
      {state.dialog === "commands" && <CommandsDialog {...props} />}
      {state.dialog === "answers" && <AnswersDialog {...props} />}
      {state.dialog === "referrals" && <ReferralsDialog {...props} />}
      {state.dialog === "blocks" && <BlocksDialog {...props} />}
      {state.dialog === "group" && <GroupDialog {...props} on_done={() => actions.show_dialog(null)} />}
      {state.dialog === "settings" && <SettingsDialog {...props} />}
    </div>
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
