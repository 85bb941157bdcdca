/** The shapes of the contract that only consultants get: their list, their colleagues, and what they write of a conversation. Values only. */

import type { GroupFacts, Person, Question, Role, RoomStatus, Service } from "./types.ts";

export type Presence = "here" | "busy" | "away";

/** A group as consultants see it in their list. */
export interface Group extends GroupFacts {
  room: string;
  code: string | null;
  /** Shown to everybody in the anteroom. */
  listed: boolean;
  /** The consultants in it. */
  leaders: { id: string; name: string }[];
  /** Consultants who were asked in and have not answered yet. */
  asked: string[];
  closed_at: string | null;
}

/** What consultants write about a room for each other. */
export interface Note {
  seq: number;
  at: string;
  /** note, or what came with it: handover, ask. */
  kind: string;
  text: string;
  sender: Person;
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
  /** Since when the client is not connected. */
  lost_since?: string | null;
  left_message?: boolean;
  /** What follows is there only where there is something to say. */
  language?: string;
  topic?: string;
  /** An answer raised the priority. */
  risk?: boolean;
  priority?: number;
  /** Its consultant vanished; it waits again. */
  vanished_since?: string;
  members?: { id: string; name: string }[];
  /** Consultants who were asked in and have not answered yet. */
  asked?: string[];
  /** There is a code by which its client comes back. */
  return_code?: boolean;
  appointment?: {
    at: string;
    until: string;
    /** Whose it is; null: anybody's. */
    with: { id: string; name: string } | null;
    /** The client has come. */
    kept: boolean;
  };
}

/** A conversation that has ended and is still kept. */
export interface Ended {
  room: string;
  name: string;
  entered_at: string;
  closed_at: string;
  topic?: string;
}

/** Something that let a consultant see a conversation. */
export interface Opening {
  at: string;
  actor: { id: string; name: string };
  action: string;
  /** To whom it was handed. */
  to: string | null;
}

export type Intake = "scheduled" | "paused" | "closed";

/** Where the organisation stands. */
export interface Standing {
  intake: Intake;
  service: Service;
  opens_at: string | null;
  closes_at: string | null;
  /** Of the organisation, once it is known. */
  time_zone?: string | undefined;
}

export interface RecordForm {
  questions: Question[];
  required: boolean;
}

export interface RoomRecord {
  answers: Record<string, unknown> | null;
  saved_at: string | null;
  saved_by: { id: string; name: string } | null;
}

/** A client who may not come back for some time. */
export interface Block {
  id: string;
  /** As long as it is kept. */
  name: string | null;
  reason: string;
  blocked_by: { id: string; name: string };
  until: string;
  /** If a second consultant agrees; null: none has to. */
  wanted_until: string | null;
  agreed_by: { id: string; name: string } | null;
}

export interface Colleague {
  id: string;
  name: string;
  role: Role;
  presence: Presence | null;
  rooms: number;
  /** How many rooms at once; 0: any number. */
  limit?: number;
}

export interface Me {
  id: string;
  name: string;
  role: Role;
  presence?: Presence;
  /** When one will be logged out in any case. */
  login_ends_at?: string | null;
}

export interface Profile {
  name: string;
  language: string | null;
  answers: Record<string, unknown>;
  entered_at: string;
  /** What the answers are answers to. */
  questions?: { name: string; label: string; kind: string }[];
}

/** Where in a log somebody was reading who had left its end. */
export interface ReadingPlace {
  top: number;
  /** Of the log then: what is put before it moves the place. */
  first: number;
  /** The last entry there was when the end was left. */
  left_at: number;
}
