/** Which tabs were open, kept for a reload of this browser tab: in go and out come room ids. Where storage is blocked it forgets. */

import type { TabKeeper } from "./chats.ts";

const NAME = "hotline.tabs";

/** Rooms of another person on the same machine are none of mine: the name carries who. */
export function session_tabs(me: string): TabKeeper {
  const name = `${NAME}.${me}`;
  return {
    read() {
      try {
        const value = JSON.parse(sessionStorage.getItem(name) ?? "{}") as Record<string, unknown>;
        const tabs = Array.isArray(value.tabs) ? value.tabs.map(String) : [];
        return { tabs, active: typeof value.active === "string" ? value.active : null };
      } catch {
        return { tabs: [], active: null };
      }
    },
    write(tabs, active) {
      try {
        sessionStorage.setItem(name, JSON.stringify({ tabs, active }));
      } catch {
        // Then a reload shows the rooms I serve, and no others.
      }
    },
  };
}
