/**
 * What the service worker does: in go pushes, clicks and new addresses of this browser, out come notifications, the console's page, and word to
 * the server. It says that somebody is waiting and nothing else, answers no request of any page, and keeps nothing.
 */

import { type Catalog, speak, tr } from "../i18n/texts.ts";

/** A service worker's own part of the browser, as far as it is used here. */
export interface Worker {
  navigator: { languages: readonly string[] };
  registration: {
    showNotification(title: string, options: NotificationOptions): Promise<void>;
    pushManager: { subscribe(options: PushSubscriptionOptionsInit): Promise<Subscription> };
  };
  clients: {
    matchAll(which: { type: "window"; includeUncontrolled: true }): Promise<readonly Window[]>;
    openWindow(address: string): Promise<unknown>;
  };
  fetch(address: string, request: RequestInit): Promise<Pick<Response, "ok" | "json">>;
  addEventListener<K extends keyof Events>(kind: K, listener: (event: Events[K]) => void): void;
}

interface Window {
  url: string;
  focus(): Promise<unknown>;
}

type Subscription = Pick<PushSubscription, "toJSON">;

interface Lasting {
  waitUntil(work: Promise<unknown>): void;
}

interface Events {
  push: Lasting & { data: { text(): string } | null };
  notificationclick: Lasting & { notification: { close(): void } };
  pushsubscriptionchange: Lasting & { newSubscription?: Subscription | null };
}

const CONSOLE = "/clientlist";
const RENEW = "/account/calls/renew";
/** A later call takes the place of the one before. */
const TAG = "hotline.call";

/** By language: what is said in the one that the browser speaks. */
export function answer_calls(worker: Worker, catalogs: Readonly<Record<string, Catalog>>): void {
  worker.addEventListener("push", (event) => {
    const tag = chosen(worker.navigator.languages, Object.keys(catalogs));
    speak(tag, catalogs[tag] ?? []);
    const body = is_test(event.data?.text())
      ? tr("This is how you are called. Nobody is waiting.")
      : tr("Somebody is waiting");
    const options: NotificationOptions & { renotify: boolean } = {
      body,
      tag: TAG,
      lang: tag,
      renotify: true,
    };
    event.waitUntil(worker.registration.showNotification("hotline", options));
  });
  worker.addEventListener("notificationclick", (event) => {
    event.notification.close();
    event.waitUntil(show_console(worker));
  });
  worker.addEventListener("pushsubscriptionchange", (event) => {
    event.waitUntil(renew(worker, event.newSubscription));
  });
}

/** The push service has given this browser another address. A cookie tells the server which one it had; without it nobody is called. */
async function renew(worker: Worker, given?: Subscription | null): Promise<void> {
  const known = await tell(worker, {});
  if (!known.ok) return;
  const { key: applicationServerKey } = (await known.json()) as { key: string };
  const options = { userVisibleOnly: true, applicationServerKey };
  const subscription = given ?? (await worker.registration.pushManager.subscribe(options));
  const { endpoint = "", keys = {} } = subscription.toJSON();
  await tell(worker, { endpoint, p256dh: keys.p256dh ?? "", auth: keys.auth ?? "" });
}

function tell(worker: Worker, fields: Record<string, string>) {
  return worker.fetch(RENEW, { method: "POST", body: new URLSearchParams(fields) });
}

async function show_console({ clients }: Worker): Promise<void> {
  const windows = await clients.matchAll({ type: "window", includeUncontrolled: true });
  const open = windows.find(({ url }) => new URL(url).pathname === CONSOLE);
  await (open ? open.focus() : clients.openWindow(CONSOLE));
}

/** Whatever cannot be read is a call: better one too many. */
function is_test(payload: string | undefined): boolean {
  try {
    return JSON.parse(payload ?? "").kind === "test";
  } catch {
    return false;
  }
}

/** The first of the reader's languages that there is, in this land's form or in general. */
function chosen(wanted: readonly string[], there: readonly string[]): string {
  for (const tag of wanted.map((one) => one.toLowerCase())) {
    const found = there.find((one) => one === tag) ?? there.find((one) => one === tag.split("-")[0]);
    if (found) return found;
  }
  return "en";
}
