/** What a consultant can do, as the views call it: in go the desk and its store, out come callbacks. They decide nothing. */

import type { Language } from "../i18n/language.ts";
import { choose_language } from "../look/language.ts";
import type { Filter } from "../state/clientlist.ts";
import type { ConsoleEvent, ConsoleState, Settings } from "../state/console.ts";
import type { Intake, Presence, ReadingPlace } from "../state/desk_types.ts";
import type { Answers } from "../state/types.ts";
import { sentence_of } from "../talk/asking.ts";
import type { Store } from "../talk/store.ts";
import { type Kwargs, LOST, WampError } from "../wamp/session.ts";
import type { Desk } from "./desk.ts";
import type { Signals } from "./signals.ts";

export type DeskActions = ReturnType<typeof actions_of>;

export interface DeskProps {
  state: ConsoleState;
  organisation: string;
  /** What addresses of groups begin with. */
  groups_at: string;
  csrf: string;
  languages: Language[];
  now: Date;
  actions: DeskActions;
}

export function actions_of(
  desk: Desk,
  store: Store<ConsoleState, ConsoleEvent>,
  signals: Signals,
  languages: Language[],
) {
  const { aids, blocks, chats, drafts, groups, handing, notebook, records, service } = desk;
  const speak = async (tag: string) => {
    try {
      if (!(await choose_language(languages, tag))) return;
      store.dispatch({ type: "settings", settings: { language: tag } });
      await records.look();
    } catch {
      store.dispatch({ type: "noticed", notice: sentence_of(new WampError(LOST)) });
    }
  };
  return {
    claim: (room: string) => void handing.claim(room),
    join: (room: string) => void handing.join(room),
    decline: (room: string) => void handing.decline(room),
    take_over: (room: string) => void handing.take_over(room),
    end: (room: string) => void handing.end(room),
    hand_over: (room: string, to: string, note: string) => handing.hand_over(room, to, note),
    release: (room: string, note: string) => handing.release(room, note),
    ask_in: (room: string, to: string, note: string) => handing.ask_in(room, to, note),
    appoint: (room: string, at: string, minutes: number) => handing.appoint(room, at, minutes),
    cancel_appointment: (room: string) => void handing.cancel_appointment(room),
    set_priority: (room: string, priority: 0 | 1) => void handing.set_priority(room, priority),

    open: (room: string) => chats.open(room),
    choose: (room: string) => chats.choose(room),
    close_tab: (room: string) => chats.close_tab(room),
    show_profile: (room: string) => chats.show_profile(room),
    say: (room: string, text: string) => chats.say(room, text),
    types: (room: string, draft: string) => chats.types(room, draft),
    draft: (room: string) => drafts.text(room),
    unsent: (room: string) => drafts.unsent(room),
    try_again: (room: string, nonce: string) => chats.try_again(room, nonce),
    give_up: (room: string, nonce: string) => chats.give_up(room, nonce),
    place: (room: string) => chats.places.get(room),
    keep_place: (room: string, place: ReadingPlace | undefined) => chats.keep_place(room, place),
    fetch_earlier: (room: string) => chats.fetch_earlier(room),
    correct: (room: string, seq: number, text: string | null) => chats.correct(room, seq, text),

    note_draft: (room: string) => notebook.drafts.get(room) ?? "",
    drafts_note: (room: string, text: string) => void notebook.drafts.set(room, text),
    write_note: (room: string) => notebook.write(room),

    list_ended: (further: boolean, search?: string) => void records.list_ended(further, search),
    hide_ended: () => records.hide_ended(),
    show_ended: () => {
      store.dispatch({ type: "column", column: "list" });
      void records.list_ended(false);
    },
    list_openings: (room: string) => records.openings(room),
    fetch_record: (room: string) => void records.fetch(room),
    correct_record: (problems: Record<string, string>) => records.correct(problems),
    record_draft: (room: string) => records.drafts.get(room),
    drafts_record: (room: string, answers: Record<string, string[]>) =>
      void records.drafts.set(room, answers),
    save_record: (room: string, answers: Answers) => void records.save(room, answers),

    want_referrals: () => aids.want_referrals(),

    block: (room: string, hours: number, reason: string) => blocks.block(room, hours, reason),
    list_blocks: (further: boolean) => void blocks.list(further),
    agree_to_block: (id: string) => void blocks.agree(id),
    lift_block: (id: string) => void blocks.lift(id),

    open_group: (wish: Kwargs) => groups.open(wish),
    change_group: (room: string, wish: Kwargs) => groups.change(room, wish),
    mute_group: (room: string, muted: boolean) => void groups.mute(room, muted),
    remove_from_group: (room: string, member: string) => void groups.remove(room, member),
    leave_group: (room: string) => void groups.leave(room),

    set_presence: (presence: Presence) => void desk.set_presence(presence),
    set_intake: (intake: Intake) => void service.set_intake(intake),
    set_filter: (filter: Partial<Filter>) => store.dispatch({ type: "filter", filter }),
    show_column: (column: ConsoleState["column"]) => store.dispatch({ type: "column", column }),
    show_dialog: (dialog: ConsoleState["dialog"]) => store.dispatch({ type: "dialog", dialog }),
    change_settings: (change: Partial<Settings>) => void signals.change(change),
    speak: (tag: string) => void speak(tag),
    try_signals: () => void signals.try(),
    go: (path: string) => location.assign(path),
    log_out: () => (document.getElementById("log-out") as HTMLFormElement | null)?.requestSubmit(),
    put_notice_away: () => store.dispatch({ type: "noticed", notice: "" }),
  };
}
