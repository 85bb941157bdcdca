/** Who this client is, kept for a reload of this tab: in go and out come id, room and key. Where storage is blocked it forgets. */

import type { Pending } from "../state/room.ts";
import { new_nonce } from "../talk/asking.ts";

export interface Identity {
  client: string;
  room: string;
  key: string;
  /** What this device was called when it came in. */
  device?: string | undefined;
  /** Wants to hear or feel it when somebody is there. */
  sound?: boolean;
  vibration?: boolean;
  /** What is written and not yet sent, and what is sent and not yet known to be stored. */
  unsent?: string;
  outbox?: Pending[];
}

export interface Storage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

export class IdentityKeeper {
  #identity: Identity | null;
  readonly #name: string;

  constructor(
    realm: string,
    /** Where the browser blocks it, even asking for it throws. */
    private readonly storage: () => Storage,
  ) {
    this.#name = `hotline.${realm}`;
    this.#identity = this.#read();
  }

  get(): Identity | null {
    return this.#identity;
  }

  set(identity: Identity | null): void {
    this.#identity = identity;
    try {
      const storage = this.storage();
      if (identity) storage.setItem(this.#name, JSON.stringify(identity));
      else storage.removeItem(this.#name);
    } catch {
      // Blocked or full: it lives as long as the page.
    }
  }

  /** Of whoever is kept, this besides. */
  add(more: Partial<Identity>): void {
    if (this.#identity) this.set({ ...this.#identity, ...more });
  }

  #read(): Identity | null {
    try {
      return JSON.parse(this.storage().getItem(this.#name) ?? "null") as Identity | null;
    } catch {
      return null;
    }
  }
}

/**
 * What this device is called from the moment it is told that it is blocked until that is over. Nobody else's has a name, and where storage
 * is blocked none has.
 */
export function device_name(realm: string, blocked?: boolean): string | undefined {
  try {
    const name = `hotline.${realm}.device`;
    if (blocked === false) localStorage.removeItem(name);
    else if (blocked) localStorage[name] ??= new_nonce();
    return localStorage[name];
  } catch {}
}
