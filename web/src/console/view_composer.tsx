/**
 * Where a consultant writes, with help at hand: in go the state and a room, out come drafts and texts to send. It puts a list of ready
 * answers above the box while a shortcut is typed there; the box itself, which clients have too, knows nothing of it.
 */

import { useLayoutEffect, useState } from "preact/hooks";
import { plural, tr } from "../i18n/texts.ts";
import { find_answers, type Typed, typed_shortcut } from "../state/aids.ts";
import type { ConsoleState } from "../state/console.ts";
import { name_of_room } from "../state/overview.ts";
import type { RoomState } from "../state/room.ts";
import { Composer, enter_sends } from "../views/composer.tsx";
import type { DeskProps } from "./actions.ts";
import { answer_text, composer_id, composer_of, insert, language_of } from "./inserting.ts";
import { AnswerView } from "./view_aids.tsx";
import { Choices, moved } from "./view_choices.tsx";

const SHOWN = 8;
const LIST = "typed-answers";

/** What can be put into the box, for whoever knows no shortcut. */
export function AidsButtons({ actions }: DeskProps) {
  return (
    <div class="aids-buttons">
      <button type="button" class="button link" onClick={() => actions.show_dialog("answers")}>
        {tr("Ready answers")}
      </button>
      <button type="button" class="button link" onClick={() => actions.show_dialog("referrals")}>
        {tr("Referrals")}
      </button>
    </div>
  );
}

/** As one wants it, where there is a Shift key to press. */
export function sends_by_enter({ settings }: ConsoleState): boolean {
  return settings.enter && enter_sends();
}

export function AidedComposer(props: DeskProps & { room: RoomState }) {
  const { state, actions } = props;
  const { room } = props.room;
  const [typed, set_typed] = useState<Typed | null>(null);
  const [marked, set_marked] = useState(0);
  /** Where a list was put away by Escape. */
  const [refused, set_refused] = useState(-1);
  const wanted = typed && state.settings.keys && typed.start !== refused ? typed : null;
  const found = wanted
    ? find_answers(state.aids.answers ?? [], wanted.word, language_of(props, room)).slice(0, SHOWN)
    : [];
  const open = found.length > 0;

  useLayoutEffect(() => {
    const area = composer_of(room);
    if (!area) return;
    const told = {
      "aria-autocomplete": "list",
      "aria-controls": LIST,
      "aria-activedescendant": `${LIST}-${marked}`,
    };
    for (const [name, value] of Object.entries(told)) {
      if (open) area.setAttribute(name, value);
      else area.removeAttribute(name);
    }
  });

  const look = (area: HTMLTextAreaElement) => {
    const { value, selectionStart, selectionEnd } = area;
    const next = selectionStart === selectionEnd ? typed_shortcut(value, selectionStart) : null;
    if (next?.word !== typed?.word || next?.start !== typed?.start) set_marked(0);
    if (next?.start !== refused) set_refused(-1);
    set_typed(next);
  };
  const choose = (number: number) => {
    const [area, answer] = [composer_of(room), found[number]];
    if (!area || !answer || !wanted) return;
    insert(area, wanted.start, area.selectionStart, answer_text(props, room, answer));
    set_typed(null);
  };
  const press = (event: KeyboardEvent) => {
    if (!open || !wanted || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    const next = moved(event.key, marked, found.length);
    if (next !== null) set_marked(next);
    else if (event.key === "Enter" && !event.shiftKey) choose(marked);
    else if (event.key === "Escape") set_refused(wanted.start);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const changed = (event: Event) => {
    if (event.target instanceof HTMLTextAreaElement) look(event.target);
  };

  return (
    // What is typed and pressed in the box passes here.
    // biome-ignore lint/a11y/noStaticElementInteractions: it is the box that one interacts with
    <div
      class="aided"
      onKeyDownCapture={press}
      onInput={changed}
      onKeyUp={changed}
      onClick={changed}
      onFocusOut={() => set_typed(null)}
    >
      <p class="quiet" role="status">
        {open && plural(found.length, "{count} ready answer", "{count} ready answers")}
      </p>
      {open && (
        <Choices
          id={LIST}
          label={tr("Ready answers")}
          choices={found.map((answer) => ({
            id: answer.id,
            shown: <AnswerView answer={answer} text={answer_text(props, room, answer)} />,
          }))}
          marked={marked}
          on_chosen={choose}
        />
      )}
      <Composer
        key={state.draft_rounds[room]}
        id={composer_id(room)}
        label={tr("Your message to {name}", { name: name_of_room(state, room) })}
        draft={actions.draft(room)}
        sends={sends_by_enter(state)}
        on_draft={(draft) => actions.types(room, draft)}
        on_send={(text) => actions.say(room, text)}
      />
    </div>
  );
}
