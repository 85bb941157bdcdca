/**
 * What a browser has of a network: in go a path and a connection, out come its sockets, long polls where none gets through, and word that
 * the network or the person is back. It speaks no WAMP.
 */

import { type Connection, SUSPICIOUS_MS } from "./connection.ts";
import { type Socket, SUBPROTOCOL } from "./session.ts";

/** Where the code for long polls is, as built. */
declare const LONGPOLL: string;

/** WebSockets that could not be opened one after the other although HTTP worked, until a way around is taken. */
const ENOUGH_REFUSALS = 2;

/** Something that takes a WebSocket's beginning and never answers refuses it, too. */
export const SWALLOWED_MS = 5_000;

/**
 * Opens a browser's WebSockets at a path of this host; when something on the way lets none through, long polls, until the page is
 * loaded again.
 */
export function browser_sockets(path: string): () => Socket {
  const url = new URL(path, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  let refusals = 0;
  return () => {
    if (refusals >= ENOUGH_REFUSALS) return long_polls();
    const socket = new WebSocket(url, SUBPROTOCOL);
    let opened = false;
    socket.addEventListener("open", () => {
      opened = true;
      clearTimeout(swallowed);
      refusals = 0;
    });
    const swallowed = setTimeout(() => socket.close(), SWALLOWED_MS);
    socket.addEventListener("close", async () => {
      clearTimeout(swallowed);
      const answer = opened ? null : await fetch("/readyz").catch(() => null);
      refusals = answer?.ok ? refusals + 1 : 0;
    });
    return socket as Socket;
  };
}

function long_polls(): Socket {
  const idle = () => {};
  // Whoever opens it sets the rest.
  const socket = { send: idle, close: idle } as unknown as Socket;
  import(/* @vite-ignore */ LONGPOLL).then(
    ({ poll }: typeof import("./longpoll.ts")) => poll(socket, "/wamp"),
    () => socket.onclose?.(),
  );
  return socket;
}

/** Wakes the connection when the browser says that the network or the person is back. */
export function listen_to_browser(connection: Connection, changed: () => void): void {
  addEventListener("online", () => {
    changed();
    connection.wake();
  });
  addEventListener("offline", () => {
    changed();
    connection.doubt(SUSPICIOUS_MS);
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted) connection.wake();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") connection.wake();
  });
}
