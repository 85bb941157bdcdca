/** The login that this page goes by: in go when it ends and the moment, out comes a warning before it, and what stands here after it. No callbacks. */

import { tr } from "../i18n/texts.ts";
import { clock_time } from "../views/times.ts";
import type { DeskProps } from "./actions.ts";

const WARNED_MS = 10 * 60_000;

/** In another tab, so that nothing here is lost. */
function LogInAgain() {
  return (
    <a class="button" href="/login?again=1" target="_blank" rel="noopener">
      {tr("Log in again")}
    </a>
  );
}

export function LoginNotice({ state, now }: DeskProps) {
  const { login_ends_at: at } = state.me;
  if (!at || new Date(at).getTime() - now.getTime() > WARNED_MS) return null;
  return (
    <div class="desk-notice notice warning" role="alert">
      <p>
        {tr("Your login ends at {time}. Log in again in another tab: everything here stays as it is.", {
          time: clock_time(at),
        })}
      </p>
      <LogInAgain />
    </div>
  );
}

/** Nothing of anybody: whoever looks may not be who was logged in. */
export function LoggedOut() {
  return (
    <main class="logged-out card" id="main">
      <h1>{tr("You are logged out")}</h1>
      <p>
        {tr(
          "What you have written is still in this page. Log in again in another tab and come back: it is here then.",
        )}
      </p>
      <p>
        <LogInAgain />
      </p>
    </main>
  );
}
