/** Small pieces of several screens of the anteroom. State in, no I/O. */

import { spoken, tr } from "../i18n/texts.ts";
import { Form } from "../views/forms.tsx";
import type { Props } from "./props.ts";

/** What is asked for with a code. */
export const COMING_BACK = "come_back";
/** Always the same one: a form looks whether its problems are others. */
export const NONE = {};

/** With a return code to what was written before, and to groups. */
export function OtherWays({ state, actions, groups }: Props) {
  const { problems, awaited, asked } = state;
  const mine = asked === COMING_BACK;
  const question = { name: "return_code", label: tr("Your return code"), kind: "text", required: true };
  return (
    <>
      <details class="card" open={mine}>
        <summary>{tr("Come back with a code")}</summary>
        <Form
          questions={[]}
          first={[question]}
          problems={mine ? problems : NONE}
          awaited={mine && awaited}
          button={tr("Come back")}
          on_problems={(problems) => actions.correct(problems, COMING_BACK)}
          on_filled={(data) => actions.come_back(String(data.get("return_code")))}
        />
      </details>
      {groups && (
        <a class="button" href={`${groups}?language=${spoken()}`}>
          {tr("Group conversations")}
        </a>
      )}
    </>
  );
}
