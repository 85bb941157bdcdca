/** The shapes of the contract as the browser sees them: what procedures return and what events carry. Those of consultants are desk_types.ts. Values only. */

export type Role = "client" | "staff" | "manager";
export type RoomStatus = "waiting" | "active" | "closed";

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
  /** Of kind edited or withdrawn: which message. */
  of?: number;
  edited?: boolean;
  withdrawn?: boolean;
}

/** A question in the reader's language. */
export interface Question {
  name: string;
  label: string;
  /** text, long_text, choice, choices, scale, age_band. */
  kind: string;
  required: boolean;
  choices?: string[];
  help?: string;
  low?: number;
  high?: number;
  low_label?: string;
  high_label?: string;
  /** In characters, where it is not what answers have. */
  longest?: number;
}

/** By question: text, a number of a scale, or several choices. */
export type Answers = Record<string, string | string[]>;

export type Service = "open" | "paused" | "full" | "closed" | "blocked";

export interface Minutes {
  low_minutes: number;
  high_minutes: number;
}

/** A place or number to turn to instead. */
export interface Elsewhere {
  name: string;
  contact: string;
  href: string;
  text: string;
}

export interface Facts {
  managers_may_read: boolean;
  answers_shown_to_staff: boolean;
  address_kept: boolean;
  counts_kept: boolean;
}

export interface Description {
  organisation: string;
  /** Its mark, shown instead of its name. */
  logo_text: string | null;
  open: boolean;
  waiting: number;
  questions: Question[];
  /** What is kept how long, in words. */
  notice: string;
  service: Service;
  opens_at: string | null;
  /** Whoever still waits then is told to come again; null: nobody is. */
  dismisses_at: string | null;
  /** How long a place is kept for whoever went away. */
  grace_seconds: number;
  time_zone: string;
  schedule: { opens_at: string; closes_at: string }[] | null;
  consultants_here: number;
  estimate: Minutes | null;
  /** The organisation's own words. */
  texts: { welcome?: string; waiting?: string; notice?: string } & Partial<Record<Service, string>>;
  elsewhere: Elsewhere[];
  may_leave_message: boolean;
  neutral_title: boolean;
  exit_url: string | null;
  consent: { text: string; required: boolean } | null;
  notice_facts: Facts;
  /** The same notice for a group. */
  group_notice: string;
  /** The same of a message that is left. */
  message_notice: string;
}

export interface Entered {
  client: string;
  room: string;
  key: string;
  /** Not in a group, where nobody waits. */
  position?: number | null;
  /** Of a message that was left. */
  return_code?: string;
}

/** A client's own appointment. */
export interface Appointment {
  at: string;
  until: string;
  cancelled: boolean;
  /** There is a code to come back by. */
  return_code: boolean;
}

export interface Place {
  position: number | null;
  waiting: number;
  served: number;
  consultants_here?: number;
  estimate?: Minutes | null;
  /** Not there: as before. */
  appointment?: Appointment | null;
}

export interface Joined {
  room: string;
  status: RoomStatus;
  /** null: a group, which several clients are in. */
  client: { id: string; name: string } | null;
  members: Person[];
  last_seq: number;
  seen: Record<string, number>;
  delivered: Record<string, number>;
  /** What was written with a hand-over; for consultants only. */
  note?: string | null;
  /** The seq of the last note; for consultants only. */
  last_note?: number;
  /** Of a group only. */
  group?: GroupFacts;
}

/** What a group says of itself to whoever has its code. */
export interface ShownGroup {
  name: string;
  text: string;
  opens_at: string;
  ends_at: string;
  most_clients: number;
  /** How many are in it now. */
  clients: number;
  /** It has begun and goes on. */
  open: boolean;
  ended: boolean;
}

/** What a group says of itself to those who are in it. */
export interface GroupFacts extends Omit<ShownGroup, "open" | "ended"> {
  /** Only consultants write, for the time being. */
  muted: boolean;
}

export interface History {
  messages: Message[];
  more: boolean;
}
