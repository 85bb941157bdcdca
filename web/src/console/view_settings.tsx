/** How one is called, and the list of keys: in go the settings, out come changes of them. */

import { tr } from "../i18n/texts.ts";
import { THEMES } from "../look/theme.ts";
import type { DeskProps } from "./actions.ts";
import { Dialog } from "./view_dialog.tsx";
import { theme_name } from "./words.ts";

export function SettingsDialog({ state, languages, actions }: DeskProps) {
  const { settings } = state;
  const choices: ["sound" | "looking" | "banner" | "keys" | "enter", string][] = [
    ["sound", tr("Sound")],
    ["looking", tr("A tone also while I look at this page")],
    ["banner", tr("Notifications of the browser, without names or texts")],
    ["keys", tr("Keyboard shortcuts")],
    ["enter", tr("Enter sends; on a phone it always begins a new line")],
  ];
  const keys: [string, string][] = [
    ["Ctrl K", tr("Everything by its name")],
    ["/", tr("A ready answer by its shortcut, at the beginning of a word")],
    ["Ctrl /", tr("Find a ready answer")],
    ["Alt 1 … 9", tr("The chat at this place in the row")],
    ["?", tr("This list")],
    [settings.enter ? "Enter" : "Ctrl Enter", tr("Send the message")],
    [settings.enter ? "Shift Enter" : "Enter", tr("A new line")],
  ];
  return (
    <Dialog title={tr("Signals and keys")} class="settings" on_done={() => actions.show_dialog(null)}>
      {(close) => (
        <>
          <label class="field">
            {tr("Language")}
            <select value={settings.language} onChange={(event) => actions.speak(event.currentTarget.value)}>
              <option value="">{tr("Like the browser")}</option>
              {languages.map(({ tag, name }) => (
                <option key={tag} value={tag} lang={tag}>
                  {name}
                </option>
              ))}
            </select>
          </label>
          <fieldset class="look">
            <legend>{tr("Look")}</legend>
            {THEMES.map((theme) => (
              <label key={theme} class="setting">
                <input
                  type="radio"
                  name="theme"
                  checked={settings.theme === theme}
                  onChange={() => actions.change_settings({ theme })}
                />
                <span>{theme_name(theme)}</span>
              </label>
            ))}
          </fieldset>
          {choices.map(([name, label]) => (
            <label key={name} class="setting">
              <input
                type="checkbox"
                checked={settings[name]}
                onChange={(event) => actions.change_settings({ [name]: event.currentTarget.checked })}
              />
              <span>{label}</span>
            </label>
          ))}
          <dl class="keys">
            {keys.map(([key, what]) => (
              <div key={key}>
                <dt>
                  <kbd>{key}</kbd>
                </dt>
                <dd>{what}</dd>
              </div>
            ))}
          </dl>
          <div class="actions">
            <button type="button" class="button" onClick={actions.try_signals}>
              {tr("Try it")}
            </button>
            <button type="button" class="button primary" onClick={close}>
              {tr("Done")}
            </button>
          </div>
        </>
      )}
    </Dialog>
  );
}
