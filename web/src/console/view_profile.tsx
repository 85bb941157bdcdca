/** The right column: what the client told of itself. State in, callbacks out; every value is only ever text. */

import { spoken, tr } from "../i18n/texts.ts";
import { name_of_room } from "../state/console.ts";
import { clock_time, day_label } from "../views/times.ts";
import type { DeskProps } from "./views.tsx";

/** A language in the words of the one spoken, or its tag if the browser does not know it. */
function language_name(tag: string): string {
  try {
    return new Intl.DisplayNames(spoken(), { type: "language" }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}

/** A question's name as a label: `first_contact` becomes "First contact". */
export function pretty(key: string): string {
  const words = key.replace(/_+/g, " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function ProfileColumn({ state, now }: DeskProps) {
  const room = state.profile_of;
  const profile = room ? state.profiles[room] : undefined;
  return (
    <aside class="column profile" aria-label={tr("Profile")}>
      <h2>{room ? <bdi>{profile?.name ?? name_of_room(state, room)}</bdi> : tr("Profile")}</h2>
      {!room ? (
        <p class="empty">{tr("Choose somebody to see what they told about themselves.")}</p>
      ) : profile === null ? (
        <p class="empty">{tr("This profile is not here any more.")}</p>
      ) : profile === undefined ? (
        <p class="empty">{tr("One moment …")}</p>
      ) : (
        <dl class="profile-facts">
          {Object.entries(profile.answers).map(([key, value]) => (
            <div key={key}>
              <dt>{pretty(key)}</dt>
              <dd dir="auto">{String(value)}</dd>
            </div>
          ))}
          {profile.language && (
            <div>
              <dt>{tr("Language")}</dt>
              <dd>{language_name(profile.language)}</dd>
            </div>
          )}
          <div>
            <dt>{tr("Came")}</dt>
            <dd>
              {day_label(profile.entered_at, now)}, {clock_time(profile.entered_at)}
            </dd>
          </div>
        </dl>
      )}
    </aside>
  );
}
