/** The ticket for one connection: in goes the address, out comes a login, or that the web login has ended. It keeps nothing. */

import { LOST, type Login, WampError } from "../wamp/session.ts";
import { FORBIDDEN, LOGGED_OUT } from "./desk.ts";

export async function fetch_login(address: string): Promise<Login> {
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
  return { realm: String(realm), authid: String(authid), ticket: String(ticket) };
}
