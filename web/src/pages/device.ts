/**
 * What the account page sets and tries on this device: light or dark, tone, notifications. In go clicks, out come what the browser keeps and
 * a signal to see or hear; the server learns nothing of it.
 */

import { ask_for_notifications, type Calls, keep_calls, kept_calls, notify } from "../look/calls.ts";
import { follow_theme, keep_theme, kept_theme, THEMES } from "../look/theme.ts";
import { Caller } from "../views/call.ts";

export function show_device(): void {
  follow_theme(show_chosen);
  const card = document.getElementById("device");
  if (!card) return;
  card.hidden = false;
  show_chosen();
  const said = card.querySelector<HTMLElement>("[role=status]");
  const say = (text: string) => {
    if (said) said.textContent = text;
  };
  const caller = new Caller();
  const calls = kept_calls();
  for (const box of card.querySelectorAll<HTMLInputElement>("input[type=checkbox]")) {
    const name = box.name as keyof Calls;
    box.checked = calls[name];
    box.addEventListener("change", async () => {
      say("");
      if (name === "banner" && box.checked && !(await ask_for_notifications())) {
        box.checked = false;
        say("The browser does not allow notifications. Change that in its settings for this page.");
        return;
      }
      calls[name] = box.checked;
      keep_calls(calls);
    });
  }
  card.addEventListener("change", ({ target }) => {
    const { name, value } = target as HTMLInputElement;
    const theme = THEMES.find((one) => one === value);
    if (name === "theme" && theme) keep_theme(theme);
  });
  card.addEventListener("click", async ({ target }) => {
    const what = (target as Element).closest<HTMLElement>("[data-try]")?.dataset.try;
    if (what === "sound") {
      caller.allow(true);
      say("You should have heard a tone.");
    }
    if (what === "banner") {
      const allowed = await ask_for_notifications();
      const shown = allowed && (await notify("hotline", "Somebody waits for you or has written."));
      say(
        shown
          ? "You should see a notification. If not, look whether your system keeps it back."
          : allowed
            ? "This browser shows notifications only where it may call you: switch that on further down."
            : "The browser does not allow notifications. Change that in its settings for this page.",
      );
    }
  });
}

/** The theme that is kept, as the page's radio buttons show it. */
function show_chosen(): void {
  const chosen = document.querySelector<HTMLInputElement>(`#device input[value="${kept_theme()}"]`);
  if (chosen) chosen.checked = true;
}
