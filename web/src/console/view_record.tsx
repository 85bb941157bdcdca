/** What is to be written about a conversation after its end: in go the organisation's questions, out come answers. */

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { isolated, tr } from "../i18n/texts.ts";
import type { RoomRecord } from "../state/desk_types.ts";
import type { RoomState } from "../state/room.ts";
import { Form } from "../views/forms.tsx";
import type { DeskProps } from "./actions.ts";
import { day_and_time } from "./waiting.ts";

/** What names of the organisation's fields begin with. */
const ANSWERS = "answers.";

export function RecordPanel(props: DeskProps & { room: RoomState }) {
  const { state, room, now, actions } = props;
  const { form, by_room, problems, missing } = state.records;
  const [again, set_again] = useState(false);
  const { room: id } = room;
  const wanted = Boolean(form && form.questions.length > 0);
  const record = by_room[id];
  // What got lost with the connection is asked for again with the next one.
  const asks = wanted && (record !== undefined || state.link.status === "connected");
  useEffect(() => {
    if (asks) actions.fetch_record(id);
  }, [asks, id]);
  // Whoever was in the middle of it goes on there.
  useEffect(() => set_again(actions.record_draft(id) !== undefined), [record]);
  const panel = useRef<HTMLElement>(null);
  const writes = Boolean(wanted && record && (again || !record.answers));
  // Before it is shown: to correct a word nobody should have to write everything anew.
  useLayoutEffect(() => {
    if (writes) fill(panel.current, actions.record_draft(id) ?? record?.answers ?? {});
  }, [writes, record]);
  if (!form || !wanted || !record) return null;
  const { answers, saved_at, saved_by } = record;
  return (
    <section
      class="record card"
      ref={panel}
      aria-label={tr("Record")}
      onInput={() => actions.drafts_record(id, filled(panel.current))}
    >
      <h3>{tr("Record")}</h3>
      {answers && saved_at && !writes ? (
        <>
          <p class="soft" role="status">
            {tr("Written by {name}: {time}", {
              name: isolated(saved_by?.name ?? ""),
              time: day_and_time(saved_at, now),
            })}
          </p>
          <Written record={record} {...props} />
          <button type="button" class="button" onClick={() => set_again(true)}>
            {tr("Change it")}
          </button>
        </>
      ) : (
        <>
          {missing.some((one) => one.room === id) && <p class="soft">{tr("It is still to be written.")}</p>}
          <Form
            questions={form.questions}
            problems={problems}
            awaited={false}
            button={tr("Save the record")}
            on_problems={actions.correct_record}
            on_filled={(_, given) => actions.save_record(id, given)}
          />
        </>
      )}
    </section>
  );
}

/** What stands in the fields, as they can be filled again. */
function filled(panel: HTMLElement | null): Record<string, string[]> {
  const form = panel?.querySelector("form");
  const given: Record<string, string[]> = {};
  if (!form) return given;
  const data = new FormData(form);
  for (const name of data.keys()) given[name.slice(ANSWERS.length)] = data.getAll(name).map(String);
  return given;
}

/** Puts answers into the fields that ask for them; what a form asks no more, or otherwise, stays out. */
function fill(panel: HTMLElement | null, answers: Record<string, unknown>): void {
  for (const field of panel?.querySelectorAll<HTMLInputElement>(`[name^='${ANSWERS}']`) ?? []) {
    const answer = answers[field.name.slice(ANSWERS.length)];
    if (answer === undefined) continue;
    if (/^(radio|checkbox)$/.test(field.type))
      field.checked = [answer].flat().map(String).includes(field.value);
    else field.value = String(answer);
  }
}

function Written({ record, state }: DeskProps & { record: RoomRecord }) {
  const questions = state.records.form?.questions ?? [];
  return (
    <dl class="profile-facts">
      {Object.entries(record.answers ?? {}).map(([name, value]) => (
        <div key={name}>
          <dt>
            <bdi>{questions.find((one) => one.name === name)?.label ?? name}</bdi>
          </dt>
          <dd dir="auto">{Array.isArray(value) ? value.join(", ") : String(value)}</dd>
        </div>
      ))}
    </dl>
  );
}
