/**
 * How one wants to be called on this device: in go wishes, out come what was kept of them and notifications of the browser. It keeps them
 * in this browser, asks for its permission only when told to, and writes neither names nor texts of anybody into a notification.
 */

export interface Calls {
  sound: boolean;
  banner: boolean;
  /** A tone also while one looks. */
  looking: boolean;
  keys: boolean;
  /** Enter sends; otherwise it begins a new line. */
  enter: boolean;
}

export const USUAL_CALLS: Calls = { sound: false, banner: false, looking: false, keys: true, enter: true };

const NAME = "hotline.signals";
/** Where the service worker of web push is, if this browser has one (push/here.ts). */
const WORKER_SCOPE = "/clientlist";

export function kept_calls(): Calls {
  try {
    return { ...USUAL_CALLS, ...(JSON.parse(localStorage.getItem(NAME) ?? "{}") as Partial<Calls>) };
  } catch {
    return USUAL_CALLS;
  }
}

export function keep_calls({ sound, banner, looking, keys, enter }: Calls): void {
  try {
    localStorage.setItem(NAME, JSON.stringify({ sound, banner, looking, keys, enter }));
  } catch {
    // Until the page is loaded again.
  }
}

/** From a click, as browsers demand; whether they may be shown. */
export async function ask_for_notifications(): Promise<boolean> {
  return "Notification" in window && (await Notification.requestPermission()) === "granted";
}

/** Whether it could be shown: on Android pages may not, and there is not always a service worker. */
export async function notify(title: string, body: string): Promise<boolean> {
  if (!("Notification" in window) || Notification.permission !== "granted") return false;
  const options = { body, tag: NAME };
  try {
    const notification = new Notification(title, options);
    notification.onclick = () => {
      window.focus();
      notification.close();
    };
    return true;
  } catch {
    const registration = await navigator.serviceWorker?.getRegistration(WORKER_SCOPE).catch(() => undefined);
    await registration?.showNotification(title, options);
    return registration !== undefined;
  }
}
