/**
 * How one wants to be called on this device: in go wishes, out come what was kept of them and notifications of the browser. It keeps them
 * in this browser, asks for its permission only when told to, and writes neither names nor texts of anybody into a notification.
 */

export interface Calls {
  sound: boolean;
  banner: boolean;
  keys: boolean;
}

const NAME = "hotline.signals";

export function kept_calls(): Partial<Calls> {
  try {
    return JSON.parse(localStorage.getItem(NAME) ?? "{}") as Partial<Calls>;
  } catch {
    return {};
  }
}

export function keep_calls({ sound, banner, keys }: Calls): void {
  try {
    localStorage.setItem(NAME, JSON.stringify({ sound, banner, keys }));
  } catch {
    // Until the page is loaded again.
  }
}

/** From a click, as browsers demand; whether they may be shown. */
export async function ask_for_notifications(): Promise<boolean> {
  return "Notification" in window && (await Notification.requestPermission()) === "granted";
}

export function notify(title: string, body: string): void {
  if (!("Notification" in window) || Notification.permission !== "granted") return;
  const notification = new Notification(title, { body, tag: NAME });
  notification.onclick = () => {
    window.focus();
    notification.close();
  };
}
