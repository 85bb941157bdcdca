/** What the console's state says across rooms, list and groups: in goes the state, out come counts, names and whether one may. Pure. */

import type { ConsoleState } from "./console.ts";
import type { Group } from "./desk_types.ts";
import { undelivered, unread } from "./room.ts";

/** Rooms that need somebody: unread in my tabs or given to me, everybody who waits, and where I am asked in. */
export function attention(state: ConsoleState): number {
  let count = Object.values(state.list.entries).filter(
    (entry) => entry.status === "waiting" || entry.asked?.includes(state.me.id),
  ).length;
  count += open_groups(state).filter((one) => one.asked.includes(state.me.id)).length;
  for (const room of Object.values(state.rooms)) {
    count += unread(room) || (room.room in state.given && room.status !== "closed" && !room.gone ? 1 : 0);
  }
  return count;
}

export function all_undelivered(state: ConsoleState): number {
  return Object.values(state.rooms).reduce((sum, room) => sum + undelivered(room), 0);
}

/** Whether there is a conversation in front in which one can write. */
export function may_write({ active, rooms }: ConsoleState): boolean {
  const room = active === null ? undefined : rooms[active];
  return room !== undefined && room.status !== "closed" && !room.gone;
}

/** Whose name a tab carries, as far as it is known. */
export function name_of_room(state: ConsoleState, room: string): string {
  const { list, rooms, profiles } = state;
  const client = list.entries[room]?.name ?? rooms[room]?.client?.name ?? profiles[room]?.name;
  return client ?? group_of(state, room)?.name ?? "…";
}

/** What is known of a room as a group, if it is one. */
export function group_of({ groups }: ConsoleState, room: string | null): Group | undefined {
  return groups.find((one) => one.room === room);
}

/** Those that have not ended, in the order of their beginning. */
export function open_groups({ groups }: ConsoleState): Group[] {
  return groups.filter((one) => !one.closed_at);
}

/** Whether I am in it, which is to lead it. */
export function leads({ leaders }: Group, me: string): boolean {
  return leaders.some((one) => one.id === me);
}
