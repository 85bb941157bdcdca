/** Forms whose questions come from the server: in go questions and problems, out come answers. They send nothing. */

import { Component, type ComponentChildren, createRef } from "preact";
import { tr } from "../i18n/texts.ts";
import type { Answers, Question } from "../state/types.ts";

type Problems = Record<string, string>;

export interface FormProps {
  questions: Question[];
  problems: Problems;
  awaited: boolean;
  button: string;
  on_filled: (data: FormData, answers: Answers) => void;
  on_problems: (problems: Problems) => void;
  /** Has what was filled in, for the next one of these questions, when this one is taken away. */
  keep?: { filled: FormData | undefined };
  on_input?: () => void;
  /** Our own questions before and after those; their answers are in the data. */
  first?: Question[];
  last?: Question[];
  /** What stands above the button. */
  children?: ComponentChildren;
}

/** What the server takes of an answer, in characters. */
export const LONGEST = 1000;

export class Form extends Component<FormProps> {
  readonly #form = createRef<HTMLFormElement>();

  override componentDidMount(): void {
    const filled = this.props.keep?.filled;
    if (!filled) return;
    for (const one of this.#form.current?.elements ?? []) {
      const field = one as HTMLInputElement;
      const values = filled.getAll(field.name);
      if (/box|radio/.test(field.type)) field.checked = values.includes(field.value);
      else field.value = String(values[0] ?? "");
    }
  }

  override componentWillUnmount(): void {
    const { keep } = this.props;
    if (keep && this.#form.current) keep.filled = new FormData(this.#form.current);
  }

  override componentDidUpdate(before: FormProps): void {
    // Somebody pressed the button: show them the first thing to correct.
    if (before.problems === this.props.problems) return;
    this.#form.current?.querySelector<HTMLElement>(".wrong :is(input, select, textarea)")?.focus();
  }

  override render() {
    const { first = [], questions, last = [], problems, awaited, button, children, on_input } = this.props;
    const field = (question: Question, name: string) => (
      <Field key={name} question={question} field={name} problem={problems[name]} />
    );
    return (
      <form ref={this.#form} onSubmit={this.#submit} onInput={on_input} noValidate>
        {first.map((one) => field(one, one.name))}
        {questions.map((one) => field(one, `answers.${one.name}`))}
        {last.map((one) => field(one, one.name))}
        {problems[""] && (
          <p class="notice error" role="alert">
            {problems[""]}
          </p>
        )}
        {children}
        <button type="submit" class="button primary wide" aria-disabled={awaited}>
          {awaited ? tr("One moment …") : button}
        </button>
      </form>
    );
  }

  #submit = (event: Event): void => {
    event.preventDefault();
    const { current } = this.#form;
    if (!current || this.props.awaited) return;
    const problems: Problems = {};
    const data = new FormData(current);
    for (const { name } of current.querySelectorAll<HTMLInputElement>("[required]")) {
      if (!String(data.get(name) ?? "").trim()) problems[name] = tr("Please check this.");
    }
    if (Object.keys(problems).length > 0) {
      this.props.on_problems(problems);
      return;
    }
    const answers: Answers = {};
    for (const { name, kind } of this.props.questions) {
      const given = data.getAll(`answers.${name}`).map((one) => String(one).trim());
      const [first] = given;
      if (first) answers[name] = kind === "choices" ? given : first;
    }
    this.props.on_filled(data, answers);
  };
}

interface FieldProps {
  question: Question;
  field: string;
  problem?: string | undefined;
}

export function Field({ question, field, problem }: FieldProps) {
  const { label, kind, required, choices = [], help, low = 0, high = 0, longest = LONGEST } = question;
  const id = `field-${field}`;
  const told = [help && `${id}-hint`, problem && `${id}-problem`].filter(Boolean).join(" ") || undefined;
  const common = { name: field, required, "aria-describedby": told };
  const one = { ...common, id, "aria-invalid": problem ? ("true" as const) : undefined };
  const optional = required || kind === "consent" ? "" : <span class="optional">{tr("(optional)")}</span>;
  const rest = problem && (
    <p class="problem" id={`${id}-problem`}>
      {problem}
    </p>
  );
  const hint = help && (
    <p class="hint" id={`${id}-hint`} dir="auto">
      {help}
    </p>
  );
  const name = `field${problem ? " wrong" : ""}`;
  const several = kind === "choices";
  if (several || kind === "scale") {
    const values = several ? choices : Array.from({ length: high - low + 1 }, (_, index) => low + index);
    return (
      <fieldset class={`${name} ${kind}`} aria-describedby={told}>
        <legend>
          <bdi>{label}</bdi> {optional}
        </legend>
        {hint}
        <div>
          {values.map((value) => (
            <label key={value}>
              <input type={several ? "checkbox" : "radio"} {...common} value={value} />
              {value}
            </label>
          ))}
        </div>
        {(question.low_label || question.high_label) && (
          <p class="ends">
            <span>{question.low_label}</span>
            <span>{question.high_label}</span>
          </p>
        )}
        {rest}
      </fieldset>
    );
  }
  if (kind === "consent") {
    return (
      <div class={name}>
        <label class="consent">
          <input type="checkbox" {...one} />
          <span>{label}</span>
        </label>
        {rest}
      </div>
    );
  }
  return (
    <div class={name}>
      <label for={id}>
        <bdi>{label}</bdi> {optional}
      </label>
      {hint}
      {kind === "long_text" ? (
        <textarea {...one} rows={3} maxLength={longest} dir="auto" />
      ) : kind === "text" ? (
        <input {...one} type="text" maxLength={longest} autocomplete="off" dir="auto" />
      ) : (
        <select {...one}>
          <option value="">{required ? tr("Please choose") : tr("No answer")}</option>
          {choices.map((choice) => (
            <option key={choice} value={choice}>
              {kind === "age_band" ? band(choice) : choice}
            </option>
          ))}
        </select>
      )}
      {rest}
    </div>
  );
}

/** `14-17` and `65+` in words. */
function band(choice: string): string {
  const [from = "", to] = choice.split(/[-+]/);
  return to ? tr("{from} to {to}", { from, to }) : tr("{from} and over", { from });
}
