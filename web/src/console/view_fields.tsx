/** Fields of dialogs: in go what they ask and what stands in them, out comes what is typed or chosen. They check nothing but what browsers do. */

import type { ComponentChildren } from "preact";
import { tr } from "../i18n/texts.ts";
import { field_of } from "./waiting.ts";

interface LabelProps {
  id: string;
  label: string;
  /** Behind the label: that it may stay empty, and what that means. */
  aside?: string | undefined;
  hint?: string | undefined;
}

/** A field with its label, and what there is to know about it. */
export function Field({ id, label, aside, hint, children }: LabelProps & { children: ComponentChildren }) {
  return (
    <div class="field">
      <label for={id}>
        {label} {aside && <span class="optional">{aside}</span>}
      </label>
      {children}
      {hint && <p class="hint">{hint}</p>}
    </div>
  );
}

interface FieldProps<Value> extends LabelProps {
  value: Value;
  on_change: (value: Value) => void;
}

interface TypedProps extends FieldProps<string> {
  required?: boolean;
}

export interface LongTextProps extends TypedProps {
  rows: number;
  longest: number;
}

export function LongText({ rows, longest, value, required = false, on_change, ...label }: LongTextProps) {
  return (
    <Field aside={required ? undefined : tr("(optional)")} {...label}>
      <textarea
        id={label.id}
        rows={rows}
        required={required}
        maxLength={longest}
        value={value}
        dir="auto"
        onInput={(event) => on_change(event.currentTarget.value)}
      />
    </Field>
  );
}

export interface MomentProps extends TypedProps {
  from: Date;
  until: Date;
}

/** A day and a time by the clock of this device, as the browser's field has it. */
export function Moment({ from, until, value, required = false, on_change, ...label }: MomentProps) {
  return (
    <Field {...label}>
      <input
        id={label.id}
        type="datetime-local"
        required={required}
        min={field_of(from)}
        max={field_of(until)}
        value={value}
        onInput={(event) => on_change(event.currentTarget.value)}
      />
    </Field>
  );
}

export interface NumberChoiceProps extends FieldProps<number> {
  choices: number[];
  /** What a choice is called. */
  name_of: (choice: number) => string;
}

export function NumberChoice({ choices, name_of, value, on_change, ...label }: NumberChoiceProps) {
  return (
    <Field {...label}>
      <select id={label.id} value={value} onChange={(event) => on_change(Number(event.currentTarget.value))}>
        {choices.map((one) => (
          <option key={one} value={one}>
            {name_of(one)}
          </option>
        ))}
      </select>
    </Field>
  );
}
