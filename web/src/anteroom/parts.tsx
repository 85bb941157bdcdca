/** Small pieces of several screens of the anteroom. State in, no I/O. */

import { tr } from "../i18n/texts.ts";
import { Form } from "../views/forms.tsx";
import type { Props } from "./props.ts";

/** With a return code to what was written before. */
export function ComeBack({ state, actions }: Props) {
  const { problems, awaited } = state;
  const wrong = "return_code" in problems;
  const question = { name: "return_code", label: tr("Your return code"), kind: "text", required: true };
  return (
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
  );
}
