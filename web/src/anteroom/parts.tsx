/** Small pieces of several screens of the anteroom. State in, no I/O. */

import { spoken, tr } from "../i18n/texts.ts";
import { Form } from "../views/forms.tsx";
import type { Props } from "./props.ts";

/** With a return code to what was written before, and to groups. */
export function OtherWays({ state, actions, groups }: Props) {
  const { problems, awaited } = state;
  const wrong = "return_code" in problems;
  const question = { name: "return_code", label: tr("Your return code"), kind: "text", required: true };
  return (
    <>
      <details class="card" open={wrong}>
        <summary>{tr("Come back with a code")}</summary>
        <Form
          questions={[]}
          first={[question]}
          problems={wrong ? problems : {}}
          awaited={awaited}
          button={tr("Come back")}
          on_problems={(problems) => actions.correct(problems)}
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
