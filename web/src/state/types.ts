/** The shapes of the contract as the browser sees them: what procedures return and what events carry. Values only. */

export type Role = "client" | "staff" | "manager";
export type RoomStatus = "waiting" | "active" | "closed";
export type Presence = "here" | "busy" | "away";

export interface Person {
  id: string;
  name: string;
  role: Role;
}

export interface Message {
  seq: number;
  at: string;
  /** `message`, or what happened: entered, claimed, joined, left, transferred, closed. */
  kind: string;
  text: string;
  sender: Person | null;
  nonce: string | null;
}

export interface Question {
  name: string;
  label: string;
  kind: string;
  required: boolean;
  choices?: string[];
}

export interface Description {
  organisation: string;
  open: boolean;
  waiting: number;
  questions: Question[];
  notice: string | null;
}

export interface Entered {
  client: string;
  room: string;
  key: string;
  position: number | null;
}

export interface Place {
  position: number | null;
  waiting: number;
  served: number;
}

export interface Joined {
  room: string;
  status: RoomStatus;
  client: { id: string; name: string };
  members: Person[];
  last_seq: number;
  seen: Record<string, number>;
  /** What was written with a hand-over; for consultants only. */
  note?: string | null;
}

export interface History {
  messages: Message[];
  more: boolean;
}

export interface Entry {
  room: string;
  name: string;
  status: RoomStatus;
  since: string;
  position: number | null;
  served_by: { id: string; name: string } | null;
  unread: number;
  present: boolean;
}

export interface Colleague {
  id: string;
  name: string;
  role: Role;
  presence: Presence | null;
  rooms: number;
}

export interface Me {
  id: string;
  name: string;
  role: Role;
  presence?: Presence;
}

export interface Profile {
  name: string;
  language: string | null;
  answers: Record<string, unknown>;
  entered_at: string;
}
