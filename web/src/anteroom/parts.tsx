/** Small pieces of the client's screens. State in, no I/O. */

import type { ComponentChildren } from "preact";
import { tr } from "../i18n/texts.ts";
import { Form } from "../views/forms.tsx";
import type { Props } from "./props.ts";

export function Panel(props: { title: string; children?: ComponentChildren }) {
  return (
    <div class="panel">
      <Heading>{props.title}</Heading>
      {props.children}
    </div>
  );
}

/** What a screen is about; here the focus goes when what had it is gone with the screen before (keep_focus). */
export function Heading({ children }: { children: ComponentChildren }) {
  return <h2 tabIndex={-1}>{children}</h2>;
}

/** Words of the organisation, line by line as they were written. */
export function Lines({ text }: { text?: string | undefined }) {
  return (
    text && (
      <p class="lines" dir="auto">
        {text}
      </p>
    )
  );
}

/** With a return code to what was written before. */
export function ComeBack({ state, actions }: Props) {
  const { problems, busy } = state;
  const wrong = "return_code" in problems;
  const question = { name: "return_code", label: tr("Your return code"), kind: "text", required: true };
  return (
    <details class="card" open={wrong}>
      <summary>{tr("Come back with a code")}</summary>
      <Form
        questions={[]}
        first={[question]}
        problems={wrong ? problems : {}}
        busy={busy}
        button={tr("Come back")}
        on_problems={(problems) => actions.correct(problems)}
        on_filled={(data) => actions.come_back(String(data.get("return_code")))}
      />
    </details>
  );
}
