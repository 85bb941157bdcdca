/** The right column: what the client told of itself. State in, callbacks out; every value is only ever text. */

import { tr } from "../i18n/texts.ts";
import { name_of_room } from "../state/overview.ts";
import type { DeskProps } from "./actions.ts";
import { day_and_time } from "./waiting.ts";
import { language_name } from "./words.ts";

/** A question's name as a label: `first_contact` becomes "First contact". */
export function pretty(key: string): string {
  const words = key.replace(/_+/g, " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function ProfilePanel({ state, now, actions }: DeskProps) {
  const room = state.profile_of;
  const profile = room ? state.profiles[room] : undefined;
  const entry = room ? state.list.entries[room] : undefined;
  // The clientlist hears of another language at once.
  const language = entry?.language ?? profile?.language;
  const label_of = (key: string) => profile?.questions?.find((one) => one.name === key)?.label ?? pretty(key);
  return (
    <aside class="profile" aria-label={tr("Profile")}>
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
              <dt>
                <bdi>{label_of(key)}</bdi>
              </dt>
              <dd dir="auto">{Array.isArray(value) ? value.join(", ") : String(value)}</dd>
            </div>
          ))}
          {language && (
            <div>
              <dt>{tr("Language")}</dt>
              <dd>{language_name(language)}</dd>
            </div>
          )}
          <div>
            <dt>{tr("Came")}</dt>
            <dd>{day_and_time(profile.entered_at, now)}</dd>
          </div>
        </dl>
      )}
      {entry?.status === "waiting" && (
        <button
          type="button"
          class="button"
          onClick={() => actions.set_priority(entry.room, entry.priority ? 0 : 1)}
        >
          {entry.priority ? tr("Not urgent any more") : tr("Urgent: goes first")}
        </button>
      )}
    </aside>
  );
}
