/** What the client sees: in goes the state, out come what the client does. It chooses the screen; no I/O. */

import type { ComponentChildren } from "preact";
import { spoken, tr } from "../i18n/texts.ts";
import { undelivered } from "../state/room.ts";
import { ConnectionLine } from "../views/parts.tsx";
import { Panel } from "./parts.tsx";
import type { Props } from "./props.ts";
import { Away } from "./view_away.tsx";
import { Entry } from "./view_entry.tsx";
import { Farewell, RoomScreen } from "./view_room.tsx";

export function AnteroomView(props: Props) {
  const { state, exit } = props;
  const { screen, room, link } = state;
  const { logo_text: logo, organisation } = state.description ?? { ...props, logo_text: null };
  return (
    <div class="frame">
      <header class="frame-top">
        <h1>
          <bdi class={logo ? "logo" : ""}>{logo ?? organisation}</bdi>
        </h1>
        {screen !== "unknown" && (
          <button type="button" class="button danger" onClick={exit} title={tr("Or press Esc three times")}>
            {tr("Exit now")}
          </button>
        )}
      </header>
      <main id="main" class="frame-main" data-screen={screen}>
        <Screen {...props} />
      </main>
      {/^(form|away|room)$/.test(screen) && (
        <footer class="frame-foot">
          <ConnectionLine link={link} undelivered={room ? undelivered(room) : 0} />
          <LanguageMenu {...props} />
        </footer>
      )}
    </div>
  );
}

function LanguageMenu({ languages, speak }: Props) {
  return (
    languages.length > 1 && (
      <select
        aria-label={tr("Language")}
        value={spoken()}
        onChange={(event) => {
          const chosen = languages.find((one) => one.tag === event.currentTarget.value);
          if (chosen) speak(chosen);
        }}
      >
        {languages.map(({ tag, name }) => (
          <option key={tag} value={tag} lang={tag}>
            {name}
          </option>
        ))}
      </select>
    )
  );
}

function Screen(props: Props): ComponentChildren {
  const { state } = props;
  switch (state.screen) {
    case "loading":
      return (
        <Panel title={state.link.offline ? tr("You are offline.") : tr("One moment …")}>
          {state.link.status === "waiting" && (
            <p>{tr("We cannot be reached just now. This page keeps trying.")}</p>
          )}
        </Panel>
      );
    case "form":
      return <Entry {...props} />;
    case "room":
      return state.room && <RoomScreen {...props} room={state.room} />;
    case "ended":
      return (
        <Panel title={tr("You have left the conversation")}>
          <Farewell {...props} />
        </Panel>
      );
    case "away":
      return <Away {...props} />;
    case "unknown":
      return (
        <Panel title={tr("There is nobody here")}>
          <p>{tr("This address does not belong to any organisation.")}</p>
        </Panel>
      );
  }
}
