/** Words of the console that several columns use. */

import { spoken, tr } from "../i18n/texts.ts";
import type { Theme } from "../look/theme.ts";
import type { Intake, Me, Presence, Standing } from "../state/desk_types.ts";

export function presence_name(presence: Presence): string {
  if (presence === "here") return tr("Here");
  return presence === "busy" ? tr("Busy") : tr("Away");
}

/** A language's name in the language spoken; a tag that nobody knows stands for itself. */
export function language_name(tag: string): string {
  try {
    return new Intl.DisplayNames([spoken()], { type: "language" }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}

export const PRESENCES: Presence[] = ["here", "busy", "away"];

/** How somebody may change whether new clients are taken. */
export function intake_choices({ intake }: Standing, { role }: Me): [Intake, string][] {
  const choices: [Intake, string][] = [];
  if (intake !== "scheduled" && (intake === "paused" || role === "manager")) {
    choices.push(["scheduled", tr("Take new clients again")]);
  }
  if (intake === "scheduled") choices.push(["paused", tr("Pause: no new clients for a while")]);
  if (intake !== "closed" && role === "manager") choices.push(["closed", tr("Close until further notice")]);
  return choices;
}

/** Other pages that are for somebody. */
export function pages_of({ role }: Me): [path: string, name: string][] {
  const own: [string, string] = ["/account", tr("Account")];
  return role === "manager" ? [["/invite", tr("Invite")], ["/organisation", tr("Organisation")], own] : [own];
}

export function theme_name(theme: Theme): string {
  if (theme === "system") return tr("Like the system");
  return theme === "light" ? tr("Light") : tr("Dark");
}
