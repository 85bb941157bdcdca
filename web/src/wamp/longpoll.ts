/**
 * Long polls where no WebSocket gets through: in go a socket that is none yet and the address of the server's long polls, out come
 * messages as on any socket. It is loaded when needed only, keeps the order, and gives up at the first problem: who opened it tries again.
 */

import type { Socket } from "./session.ts";

const BATCHED = "wamp.2.json.batched";
const SEPARATOR = "\x1e";
/** UTF-16 units, of three bytes each at most: what was said while the network was away stays below what the server reads in one request. */
const BATCH = 16_384;

/** Makes the socket work; its handlers are there already. Whoever takes them away again has closed it. */
export async function poll(socket: Socket, base: string): Promise<void> {
  const unsent: string[] = [];
  const waiting = new AbortController();
  let transport = "";
  let sending = false;
  const is_over = () => socket.onclose === null;

  const post = async (action: string, body = "", rest: RequestInit = {}): Promise<Response> => {
    const answer = await fetch(`${base}/${action}`, { method: "POST", body, ...rest });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer;
  };
  const part = () => {
    waiting.abort();
    removeEventListener("pagehide", part);
    // A beacon goes out even if the page does not stay.
    if (transport) navigator.sendBeacon(`${base}/${transport}/close`);
  };
  const lose = () => {
    part();
    socket.onclose?.();
  };
  /** One request at a time, or they would overtake each other. */
  const send_all = async () => {
    if (sending) return;
    sending = true;
    while (unsent.length > 0) await post(`${transport}/send`, take_batch(unsent).join(SEPARATOR));
    sending = false;
  };

  socket.send = (text) => {
    unsent.push(text);
    send_all().catch(lose);
  };
  socket.close = () => {
    send_all().then(part, part);
  };
  try {
    const opened = await post("open", JSON.stringify({ protocols: [BATCHED] }));
    ({ transport } = (await opened.json()) as { transport: string });
    addEventListener("pagehide", part);
    if (is_over()) return part();
    socket.onopen?.();
    while (!is_over()) {
      const answer = await post(`${transport}/receive`, "", { signal: waiting.signal });
      for (const data of (await answer.text()).split(SEPARATOR)) if (data) socket.onmessage?.({ data });
    }
  } catch {
    lose();
  }
}

/** The first messages, as many as go together; one that is long by itself goes alone. */
function take_batch(unsent: string[]): string[] {
  let length = 0;
  const end = unsent.findIndex((text) => {
    length += text.length + 1;
    return length > BATCH;
  });
  return unsent.splice(0, end < 0 ? unsent.length : Math.max(end, 1));
}
