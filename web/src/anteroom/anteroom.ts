/**
 * The client's way over the wire: in go sessions and what the client does, out come events for the state. It describes, enters,
 * leaves messages, waits, talks, answers and goes; it shows nothing.
 */

import { device_name } from "../client/identity.ts";
import { ClientSide } from "../client/side.ts";
import { tr } from "../i18n/texts.ts";
import type { AnteroomEvent, AnteroomState } from "../state/anteroom.ts";
import type { RoomEvent } from "../state/room.ts";
import type { Answers, Description, Message, Place, Question } from "../state/types.ts";
import { patiently, uri_of } from "../talk/asking.ts";
import { type Kwargs, LOST, type Session, type WampError } from "../wamp/session.ts";

/** What somebody filled in; with a text it is a message left for later. */
export interface Filled {
  name: string;
  answers: Answers;
  consent?: boolean;
  text?: string;
}

export class Anteroom extends ClientSide<AnteroomState, AnteroomEvent> {
  /** What was filled in where the screen changed meanwhile; not part of the state, as a draft is not. */
  filled: FormData | undefined;

  /** Enters, or leaves a message. */
  enter(filled: Filled): Promise<void> {
    const procedure = filled.text === undefined ? "enter" : "leave_message";
    // A message that nobody has to leave any more waits where one writes.
    if (filled.text === undefined) this.draft ||= String(this.filled?.get("text") ?? "");
    const { nonce } = this;
    return this.become(procedure, {
      ...filled,
      nonce,
      language: this.parts.language(),
      device: this.#device(),
    });
  }

  come_back(return_code: string): Promise<void> {
    // Whoever guesses at codes is told to wait, rather than made to.
    return this.become("come_back", { return_code, device: this.#device() }, (ask) => ask());
  }

  /** Asks for a code with which this client can come back. */
  make_return_code(): Promise<void> {
    return this.ask_of_room("make_return_code", {}, ({ return_code }: { return_code: string }) =>
      this.tell({ type: "return_code", return_code }),
    );
  }

  /** After the end: what was answered, or nothing. */
  answer_survey(answers: Answers): Promise<void> {
    this.tell({ type: "asked" });
    return this.ask_of_room("answer_survey", { answers }, () => this.tell({ type: "survey", survey: null }));
  }

  override language_changed(): void {
    super.language_changed();
    if (this.state.survey) void this.on_left();
  }

  /** Saves all that was said; without connection what is here. */
  async save(keep: (messages: Message[]) => void): Promise<void> {
    const { room } = this.state;
    await this.talk?.fetch_earlier();
    if (room?.first !== this.state.room?.first) await this.save(keep);
    else keep(room?.messages ?? []);
  }

  /** After the end: nothing of it is left, for nobody. */
  delete_all(): Promise<void> {
    return this.ask_of_room("delete", {}, () => this.start_again());
  }

  /** Somebody fills something in, or wants to go on where that can be used. */
  writes(writing: boolean): void {
    if (writing !== this.state.writing) this.tell({ type: "writing", writing });
  }

  protected override forget(): void {
    super.forget();
    this.filled = undefined;
  }

  #device(blocked?: boolean): string | undefined {
    return device_name(this.parts.realm, blocked);
  }

  protected override async ask_anew(session: Session): Promise<void> {
    try {
      const device = this.#device();
      const kwargs = { language: this.parts.language(), device };
      const description = await patiently(() =>
        session.call<Description>("hotline.anteroom.describe", kwargs),
      );
      this.tell({ type: "described", description });
      // A device that is told so for the first time says who it is.
      if (this.#device(description.service === "blocked") && !device) void this.ask_anew(session);
      else if (this.state.screen === "away") this.ask_later(session);
    } catch (error) {
      if (uri_of(error) === "hotline.error.not_found") this.tell({ type: "unknown" });
      else if (uri_of(error) !== LOST) this.ask_later(session);
    }
  }

  /** Asks what there is to answer after the end. */
  protected override on_left(): Promise<void> {
    const then = ({ questions }: { questions: Question[] | null }) =>
      this.tell({ type: "survey", survey: questions });
    return this.ask_of_room("survey", { language: this.parts.language() }, then);
  }

  protected override on_refusal(error: unknown, what: string): void {
    const uri = uri_of(error);
    if (uri === "hotline.error.not_allowed") {
      // It may have closed or opened meanwhile: then the screen says so, and has what was filled in.
      super.language_changed();
      if (/^(open|paused|full|closed|blocked)$/.test(String((error as WampError).kwargs.reason))) {
        this.correct({});
        this.writes(false);
        return;
      }
    }
    if (uri === "hotline.error.not_found" && what === "come_back")
      this.correct({ return_code: tr("There is nothing for this code any more.") }, what);
    else this.refuse(error);
  }

  protected override on_room(room: string, event: RoomEvent): void {
    const before = this.state.room;
    if (before?.room !== room) return;
    if (event.type !== "gone") this.tell({ type: "room", event });
    else if (before.messages.length === 0) this.start_again(true);
    else this.tell({ type: "room", event: { type: "status_changed", status: "closed" } });
    if (before.status === "closed" || this.state.room?.status !== "closed") return;
    void this.on_left();
    // Perhaps it is closed for longer than this.
    super.language_changed();
  }

  protected override async on_attached(session: Session, room: string): Promise<void> {
    const placed = (kwargs: Kwargs) => {
      const place = kwargs as unknown as Place;
      this.tell({ type: "placed", place, now: Date.now() });
      // Who is told to come again needs something to come by.
      if (place.appointment?.return_code === false && !this.state.return_code) void this.make_return_code();
    };
    try {
      const topic = `hotline.room.${room}.place`;
      await patiently(() => session.subscribe(topic, (_, kwargs) => placed(kwargs)));
      placed(await patiently(() => session.call<Kwargs>("hotline.anteroom.place", { room })));
    } catch {
      // The place is a kindness; the conversation does not depend on it.
    }
  }
}
