/**
 * Being called while one looks elsewhere: in go states, out come the title's count, the icon's, a tone and a notification. Notifications
 * hold neither names nor texts. It keeps in this browser how one wants to be called, and says loudly when the connection stays away.
 */

import { tr } from "../i18n/texts.ts";
import { ask_for_notifications, keep_calls, kept_calls, notify } from "../look/calls.ts";
import { kept_language } from "../look/language.ts";
import { follow_theme, keep_theme, kept_theme } from "../look/theme.ts";
import type { ConsoleEvent, ConsoleState, Settings } from "../state/console.ts";
import { attention } from "../state/overview.ts";
import type { Store } from "../talk/store.ts";
import { Caller } from "../views/call.ts";

const PATIENCE_MS = 20_000;

export class Signals {
  readonly #caller = new Caller();
  readonly #title = document.title;
  readonly #icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  readonly #plain_icon = this.#icon?.href ?? "";
  #count = 0;
  /** What was told when the connection had stayed away. */
  #lost = "";
  #dead: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly store: Store<ConsoleState, ConsoleEvent>) {
    store.dispatch({
      type: "settings",
      settings: { ...kept_calls(), theme: kept_theme(), language: kept_language() },
    });
    follow_theme((theme) => store.dispatch({ type: "settings", settings: { theme } }));
    // Browsers give no tone before somebody has touched the page; that touch itself sounds nothing.
    const touched = () => {
      store.dispatch({ type: "silent", silent: false });
      if (!store.state.settings.sound) return;
      this.#caller.sound = this.#caller.vibration = true;
      this.#caller.wake();
    };
    // A finger counts when it leaves.
    for (const kind of ["pointerup", "keydown"]) document.addEventListener(kind, touched, { once: true });
    store.dispatch({ type: "silent", silent: store.state.settings.sound });
    window.addEventListener("focus", () => this.show());
  }

  async change(change: Partial<Settings>): Promise<void> {
    if (change.sound !== undefined) this.#caller.allow(change.sound);
    if (change.theme) keep_theme(change.theme);
    if (change.banner && !(await ask_for_notifications())) {
      const notice = tr(
        "The browser does not allow notifications. Change that in its settings for this page.",
      );
      this.store.dispatch({ type: "noticed", notice });
      return;
    }
    this.store.dispatch({ type: "settings", settings: change });
    keep_calls(this.store.state.settings);
  }

  /** After each change of the state. */
  show(): void {
    const { state } = this.store;
    const count = attention(state);
    const connected = state.link.status === "connected";
    const number = count > 0 ? `(${count}) ` : "";
    document.title = `${this.#lost ? "⚠ " : ""}${number}${this.#title}`;
    if (count !== this.#count) this.#show_count(count);
    const looks = document.visibilityState === "visible" && document.hasFocus();
    const rises = count > this.#count && state.list.ready;
    this.#count = count;
    if (rises && !looks) this.signal();
    else if (rises && state.settings.looking && state.settings.sound) this.#caller.call();
    if (looks) this.store.dispatch({ type: "looked" });
    if (connected) this.#connected();
    else this.#dead ??= setTimeout(() => this.#give_alarm(), PATIENCE_MS);
  }

  signal(text = tr("Somebody waits for you or has written.")): void {
    const { sound, banner } = this.store.state.settings;
    if (sound) this.#caller.call();
    if (banner) void notify(this.#title, text);
  }

  /** As it will be when somebody waits; says why nothing is shown, if that is so. */
  async try(): Promise<void> {
    const { sound, banner } = this.store.state.settings;
    if (sound) this.#caller.call();
    if (!banner || (await notify(this.#title, tr("Somebody waits for you or has written.")))) return;
    const notice = tr(
      "This browser shows notifications only where it may call you: switch that on under “Account”.",
    );
    this.store.dispatch({ type: "noticed", notice });
  }

  #show_count(count: number): void {
    if (this.#icon) this.#icon.href = count > 0 ? icon(count) : this.#plain_icon;
    // Of an app on the home screen.
    void navigator.setAppBadge?.(count).catch(() => {});
  }

  #give_alarm(): void {
    this.#lost = tr("The connection is lost: nobody reaches you just now.");
    this.store.dispatch({ type: "noticed", notice: this.#lost });
    this.signal(this.#lost);
  }

  #connected(): void {
    clearTimeout(this.#dead);
    this.#dead = undefined;
    if (!this.#lost) return;
    if (this.store.state.notice === this.#lost) this.store.dispatch({ type: "noticed", notice: "" });
    this.#lost = "";
    this.show();
  }
}

/** The page's icon with a number in it. */
function icon(count: number): string {
  const text = count > 9 ? "9+" : String(count);
  const drawing = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="16" r="16" fill="#a02c26"/><text x="16" y="23" text-anchor="middle" font-family="sans-serif" font-weight="700" font-size="20" fill="#fff">${text}</text></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(drawing)}`;
}
