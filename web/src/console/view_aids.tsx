/** Finding a ready answer or a referral: in go what there is and what is typed, out comes the one chosen, put into the composer. Nothing is sent. */

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { tr } from "../i18n/texts.ts";
import {
  apart,
  find_answers,
  find_referrals,
  type ReadyAnswer,
  type Referral,
  referral_text,
} from "../state/aids.ts";
import type { DeskProps } from "./actions.ts";
import { answer_text, composer_of, insert, language_of } from "./inserting.ts";
import { type Choice, Choices, moved } from "./view_choices.tsx";
import { Dialog } from "./view_dialog.tsx";
import { language_name } from "./words.ts";

const SHOWN = 50;
const LIST = "found-aids";

export function AnswersDialog(props: DeskProps) {
  const { state } = props;
  const [search, set_search] = useState("");
  const language = language_of(props, state.active);
  const found = find_answers(state.aids.answers ?? [], search, language).slice(0, SHOWN);
  const text_of = (answer: ReadyAnswer) => answer_text(props, state.active, answer);
  return (
    <Finder
      {...props}
      label={tr("Ready answers")}
      field={tr("Find a ready answer")}
      search={search}
      on_search={set_search}
      choices={found.map((one) => ({ id: one.id, shown: <AnswerView answer={one} text={text_of(one)} /> }))}
      is_there={state.aids.answers !== null}
      by=" "
      text_of={(number) => found[number] && text_of(found[number])}
    >
      <a href="/account/answers" target="_blank" rel="noopener">
        {tr("Your own ready answers")}
      </a>
      {state.me.role === "manager" && (
        <a href="/organisation/answers" target="_blank" rel="noopener">
          {tr("The organisation’s")}
        </a>
      )}
    </Finder>
  );
}

export function ReferralsDialog(props: DeskProps) {
  const { state, actions } = props;
  const [search, set_search] = useState("");
  useEffect(() => actions.want_referrals(), []);
  const language = language_of(props, state.active);
  const found = find_referrals(state.aids.referrals ?? [], search, language).slice(0, SHOWN);
  return (
    <Finder
      {...props}
      label={tr("Referrals")}
      field={tr("Find a place or a number")}
      search={search}
      on_search={set_search}
      choices={found.map((one) => ({ id: one.id, shown: <ReferralView referral={one} /> }))}
      is_there={state.aids.referrals !== null}
      by={"\n"}
      text_of={(number) => found[number] && referral_text(found[number])}
    >
      {state.me.role === "manager" && (
        <a href="/organisation/referrals" target="_blank" rel="noopener">
          {tr("Change the directory")}
        </a>
      )}
    </Finder>
  );
}

export function AnswerView({ answer, text }: { answer: ReadyAnswer; text: string }) {
  return (
    <>
      <span class="choice-head">
        <strong dir="ltr">/{answer.shortcut}</strong>
        {answer.language && <span class="soft">{language_name(answer.language)}</span>}
        {answer.scope === "own" && <span class="soft">{tr("your own")}</span>}
      </span>
      <span class="choice-text" dir="auto">
        {text}
      </span>
    </>
  );
}

function ReferralView({ referral }: { referral: Referral }) {
  const { name, contact, text, languages, topics } = referral;
  return (
    <>
      <span class="choice-head">
        <strong>
          <bdi>{name}</bdi>
        </strong>
        <bdi>{contact}</bdi>
        <span class="soft">{[...languages.map(language_name), ...topics].join(" · ")}</span>
      </span>
      <span class="choice-text" dir="auto">
        {text}
      </span>
    </>
  );
}

interface FinderProps extends DeskProps {
  label: string;
  field: string;
  search: string;
  on_search: (search: string) => void;
  choices: Choice[];
  is_there: boolean;
  text_of: (number: number) => string | undefined;
  /** What keeps the text apart from what stands before it. */
  by: " " | "\n";
  children: ComponentChildren;
}

function Finder(props: FinderProps) {
  const { state, label, field, search, choices, is_there, actions } = props;
  const [marked, set_marked] = useState(0);
  // Asked before it opens: a box behind a dialog forgets where its caret was.
  const [[start, end]] = useState(() => caret_of(composer_of(state.active)));
  const at = Math.min(marked, choices.length - 1);
  const choose = (number: number, close: () => void) => {
    const [text, area] = [props.text_of(number), composer_of(state.active)];
    if (text === undefined) return;
    close();
    if (area) insert(area, start, end, apart(area.value.slice(0, start), text, props.by));
  };
  const press = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    const next = moved(event.key, at, choices.length);
    if (next === null) return;
    set_marked(next);
    event.preventDefault();
  };
  return (
    <Dialog title={label} class="finder" untitled on_done={() => actions.show_dialog(null)}>
      {(close) => (
        <>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              choose(at, close);
            }}
          >
            <input
              type="text"
              role="combobox"
              aria-label={field}
              aria-autocomplete="list"
              aria-expanded={choices.length > 0}
              aria-controls={LIST}
              aria-activedescendant={at < 0 ? undefined : `${LIST}-${at}`}
              placeholder={field}
              autocomplete="off"
              value={search}
              onKeyDown={press}
              onInput={(event) => {
                set_marked(0);
                props.on_search(event.currentTarget.value);
              }}
            />
          </form>
          <p class={choices.length > 0 ? "quiet" : "soft"} role="status">
            {choices.length === 0 && (is_there ? tr("Nothing found.") : tr("One moment …"))}
          </p>
          {choices.length > 0 && (
            <Choices
              id={LIST}
              label={label}
              choices={choices}
              marked={at}
              on_chosen={(number) => choose(number, close)}
            />
          )}
          <div class="finder-foot">
            {props.children}
            <button type="button" class="button" onClick={close}>
              {tr("Cancel")}
            </button>
          </div>
        </>
      )}
    </Dialog>
  );
}

function caret_of(area: HTMLTextAreaElement | null): [start: number, end: number] {
  return area ? [area.selectionStart, area.selectionEnd] : [0, 0];
}
