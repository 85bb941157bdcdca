import { describe, expect, test } from "vitest";
import { answer_calls, type Worker } from "../src/push/calls.ts";

const CATALOGS = { en: [], de: [], "de-x-informal": [], ar: [] };

/** A service worker of a browser with these languages and windows, and what became of it. */
function browser(languages: string[] = ["en"], addresses: string[] = [], is_called = true) {
  const did: unknown[] = [];
  const listeners = new Map<string, (event: never) => void>();
  const worker: Worker = {
    navigator: { languages },
    registration: {
      async showNotification(title, { body, lang }) {
        did.push({ title, body, lang });
      },
      pushManager: {
        async subscribe({ applicationServerKey }) {
          return place(`subscribed with ${applicationServerKey}`);
        },
      },
    },
    clients: {
      async matchAll() {
        return addresses.map((url) => ({
          url,
          async focus() {
            did.push(`focus ${url}`);
          },
        }));
      },
      async openWindow(address) {
        did.push(`open ${address}`);
      },
    },
    async fetch(address, { method, body }) {
      did.push(`${method} ${address} ${body}`);
      return { ok: is_called, json: async () => ({ key: "KEY" }) };
    },
    addEventListener: (kind, listener) => listeners.set(kind, listener),
  };
  answer_calls(worker, CATALOGS);
  return async (kind: string, event: object) => {
    const work: Promise<unknown>[] = [];
    listeners.get(kind)?.({ ...event, waitUntil: (one: Promise<unknown>) => work.push(one) } as never);
    await Promise.all(work);
    return did.splice(0);
  };
}

const place = (endpoint: string) => ({
  toJSON: () => ({ endpoint, keys: { p256dh: "P", auth: "A" } }),
});
const pushed = (text: string) => ({ data: { text: () => text } });

describe("a push", () => {
  test.each([
    pushed('{"kind": "waiting"}'),
    pushed('{"kind": "waiting", "name": "Robin"}'),
    pushed("no JSON"),
    pushed("null"),
    { data: null },
  ])("says that somebody is waiting, whatever is in it: %o", async (event) => {
    const said = { title: "hotline", body: "Somebody is waiting", lang: "en" };
    expect(await browser()("push", event)).toEqual([said]);
  });

  test("to try it says that nobody is", async () => {
    const [said] = await browser()("push", pushed('{"kind": "test"}'));
    expect(said).toMatchObject({ body: "This is how you are called. Nobody is waiting." });
  });

  test.each([
    [["de-AT", "en"], "de"],
    [["de-x-informal"], "de-x-informal"],
    [["nl", "AR-eg"], "ar"],
    [["nl"], "en"],
    [[], "en"],
  ])("speaks the reader's language: of %o %s", async (languages, lang) => {
    const [said] = await browser(languages)("push", { data: null });
    expect(said).toMatchObject({ lang });
  });
});

describe("a new address of this browser", () => {
  const RENEW = "POST /account/calls/renew ";

  test.each([
    [{ newSubscription: place("given") }, "given"],
    [{ newSubscription: null }, "subscribed with KEY"],
    [{}, "subscribed with KEY"],
  ])("is told to the server: %o", async (event, endpoint) => {
    const told = new URLSearchParams({ endpoint, p256dh: "P", auth: "A" });
    expect(await browser()("pushsubscriptionchange", event)).toEqual([RENEW, RENEW + told]);
  });

  test("is nobody's business when nobody is called here any more", async () => {
    expect(await browser(["en"], [], false)("pushsubscriptionchange", {})).toEqual([RENEW]);
  });
});

describe("a click", () => {
  const click = () => {
    const closed: string[] = [];
    return { closed, event: { notification: { close: () => closed.push("closed") } } };
  };

  test("brings the console to the front that is open", async () => {
    const { closed, event } = click();
    const act = browser(["en"], ["https://here/account", "https://here/clientlist?x#y", "https://here/o/a"]);
    expect(await act("notificationclick", event)).toEqual(["focus https://here/clientlist?x#y"]);
    expect(closed).toEqual(["closed"]);
  });

  test("opens it where there is none, and takes no other page away", async () => {
    const act = browser(["en"], ["https://here/account", "https://here/o/clientlist"]);
    expect(await act("notificationclick", click().event)).toEqual(["open /clientlist"]);
  });
});
