/** The ticket for one connection: in go its address and who one is, out comes a login, or why there is none. It keeps nothing. */

import { LOST, type Login, WampError } from "../wamp/session.ts";
import { ANOTHER, FORBIDDEN, LOGGED_OUT } from "./desk.ts";

export async function fetch_login(address: string, me: string): Promise<Login> {
  let response: Response;
  try {
    response = await fetch(address, { method: "POST", credentials: "same-origin", cache: "no-store" });
  } catch {
    throw new WampError(LOST);
  }
  if (response.status === 401) throw new WampError(LOGGED_OUT);
  if (response.status === 403) throw new WampError(FORBIDDEN);
  if (!response.ok) throw new WampError(LOST);
  const { realm, authid, ticket } = (await response.json()) as Record<string, unknown>;
  if (authid !== me) throw new WampError(ANOTHER);
  return { realm: String(realm), authid: String(authid), ticket: String(ticket) };
}
