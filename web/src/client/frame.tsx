/** What stands around every screen of clients: whose page it is, the quick way out, the connection and the language. State in, callbacks out. */

import type { ComponentChildren } from "preact";
import type { Language } from "../i18n/language.ts";
import { spoken, tr } from "../i18n/texts.ts";
import { undelivered } from "../state/room.ts";
import type { SideState } from "../state/side.ts";
import { ConnectionLine } from "../views/parts.tsx";

/** What every screen of clients gets beside what its page is about. */
export interface FrameProps {
  state: SideState;
  organisation: string;
  languages: Language[];
  exit: () => void;
  speak: (language: Language) => void;
  /** Draws all of it anew. */
  draw: () => void;
  /** What is fetched when it is needed. */
  late: { failed: boolean; trying: boolean; again: (draw: () => void) => void };
}

export function Frame(props: FrameProps & { children: ComponentChildren }) {
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
        {props.children}
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

function LanguageMenu({ languages, speak }: FrameProps) {
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
