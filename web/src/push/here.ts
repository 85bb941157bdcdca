/**
 * Being called in this browser: in go clicks on the account page, out come a service worker with its subscription, and requests that tell the
 * server of it. It asks for the browser's permission only when told to, and says in a sentence what stands in the way.
 */

import { ask_for_notifications } from "../look/calls.ts";

const WORKER = "/push.js";
/** No page of clients is ever within its reach. */
const SCOPE = "/clientlist";
const FORBIDDEN = "The browser does not allow notifications. Change that in its settings for this page.";
const FAILED =
  "The browser got no answer of its maker's push service. If that is not blocked here, try again later.";

export function show_calls(): void {
  const card = document.getElementById("calls");
  if (!card) return;
  const said = card.querySelector("[role=status]");
  const told = card.querySelector("[data-told]");
  const say = (text: string) => {
    if (said) said.textContent = text;
  };
  let is_on = card.dataset.here !== undefined;
  let browsers = Number(card.dataset.browsers);
  const show = () => {
    const can = obstacle() === "";
    for (const button of card.querySelectorAll<HTMLButtonElement>("[data-do]")) {
      const { do: what } = button.dataset;
      button.hidden = what === "try" ? browsers === 0 : !can || (what === "off") !== is_on;
    }
    const everywhere = card.querySelector<HTMLElement>("[data-everywhere]");
    if (everywhere) everywhere.hidden = browsers === 0;
    const count = ["no browser", "one browser"][browsers] ?? `${browsers} browsers`;
    if (told) told.textContent = `You are called in ${count}.`;
  };
  const work: Record<string, () => Promise<string>> = {
    async on() {
      if (!(await ask_for_notifications())) return FORBIDDEN;
      browsers = await tell({ action: "on", ...(await subscribe(card.dataset.key ?? "")) });
      is_on = true;
      return "This browser calls you from now on.";
    },
    async off() {
      browsers = await tell({ action: "off" });
      is_on = false;
      await (await registered())?.unregister();
      return "This browser does not call you any more.";
    },
    async try() {
      browsers = await tell({ action: "try" });
      return "A call is on its way to each of your browsers. It says that nobody is waiting.";
    },
  };
  card.addEventListener("click", async ({ target }) => {
    const button = (target as Element).closest<HTMLButtonElement>("[data-do]");
    const act = work[button?.dataset.do ?? ""];
    if (!button || !act || button.disabled) return;
    say("");
    button.disabled = true;
    try {
      say(await act());
    } catch (error) {
      say(error instanceof Refused ? error.message : FAILED);
    }
    button.disabled = false;
    show();
  });
  say(obstacle());
  show();
  void registered().then(async (registration) => {
    // What the browser has dropped, the server does not know yet.
    is_on &&= Boolean(await registration?.pushManager.getSubscription());
    show();
  });
}

/** A sentence of the server's. */
class Refused extends Error {}

/** Why this browser cannot call; nothing: it can. */
function obstacle(): string {
  if (!window.isSecureContext)
    return "Browsers call only for pages whose address begins with https. Ask whoever runs this one.";
  if (!("serviceWorker" in navigator && "PushManager" in window && "Notification" in window))
    return "This browser cannot call, at least not in a private window.";
  return Notification.permission === "denied" ? FORBIDDEN : "";
}

async function registered(): Promise<ServiceWorkerRegistration | undefined> {
  return obstacle() ? undefined : navigator.serviceWorker.getRegistration(SCOPE);
}

/** The address and keys of this browser at its push service. */
async function subscribe(key: string): Promise<Record<string, string>> {
  const registration = await navigator.serviceWorker.register(trusted(WORKER), { scope: SCOPE });
  await active(registration);
  const { pushManager } = registration;
  const options = { userVisibleOnly: true, applicationServerKey: key };
  const subscription = await pushManager.subscribe(options).catch(async (error) => {
    // It was made for a key that the server no longer has.
    if (!(await (await pushManager.getSubscription())?.unsubscribe())) throw error;
    return pushManager.subscribe(options);
  });
  const { endpoint = "", keys = {} } = subscription.toJSON();
  return { endpoint, p256dh: keys.p256dh ?? "", auth: keys.auth ?? "" };
}

async function active({ active, installing, waiting }: ServiceWorkerRegistration): Promise<void> {
  const worker = active ?? waiting ?? installing;
  if (!worker || worker.state === "activated") return;
  await new Promise<void>((resolve, reject) => {
    worker.addEventListener("statechange", () => {
      if (worker.state === "activated") resolve();
      if (worker.state === "redundant") reject(new Error("redundant"));
    });
  });
}

/** The pages' policy wants it said that this address is meant to become a script. */
function trusted(address: string): string {
  const { trustedTypes } = window as unknown as {
    trustedTypes?: {
      createPolicy(name: string, rules: object): { createScriptURL(address: string): string };
    };
  };
  const rules = { createScriptURL: (one: string) => one };
  return trustedTypes?.createPolicy("push", rules).createScriptURL(address) ?? address;
}

/** How many browsers call now. */
async function tell(fields: Record<string, string>): Promise<number> {
  let response: Response;
  try {
    response = await fetch("/account/calls", { method: "POST", body: new URLSearchParams(fields) });
  } catch {
    throw new Refused("The server cannot be reached just now. Try again.");
  }
  const { browsers = 0, error } = (await response.json()) as { browsers?: number; error?: string };
  if (!response.ok) throw new Refused(error ?? FAILED);
  return browsers;
}
