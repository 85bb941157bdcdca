/** When nobody can be talked with: why, until when, who else can help, and how to leave a message or come back. State in, callbacks out. */

import { coming_text } from "../client/coming.ts";
import { Others } from "../client/others.tsx";
import { Heading, Lines } from "../client/parts.tsx";
import { tr } from "../i18n/texts.ts";
import type { Description } from "../state/types.ts";
import { opening_times } from "./dates.ts";
import { OtherWays } from "./parts.tsx";
import type { Props } from "./props.ts";
import { EntryForm } from "./view_entry.tsx";
import { Turned, title_of } from "./view_turned.tsx";

export function Away(props: Props) {
  const { description } = props.state;
  if (!description) return null;
  const { open, service, texts, elsewhere, opens_at, may_leave_message } = description;
  const moment = opens_at && coming_text(opens_at, props.now);
  const blocked = service === "blocked";
  return (
    <div class="panel">
      <Heading>{open ? tr("Leave a message") : title_of(service)}</Heading>
      <Turned {...props} />
      {!open && (
        <Lines
          text={
            blocked
              ? `${tr("We had to end the last one.")} ${elsewhere[0] ? tr("If you need somebody now, you can turn to others.") : ""}`
              : (texts[service] ?? tr("Nobody can answer just now. Please come back later."))
          }
        />
      )}
      {moment && (
        <p>
          <strong>
            {blocked
              ? tr("You are welcome again: {moment}.", { moment })
              : tr("We open again: {moment}.", { moment })}
          </strong>
        </p>
      )}
      <Others elsewhere={elsewhere} />
      <Times {...description} />
      {(may_leave_message || open) && (
        <details class="card" open={props.state.asked === "leave_message"}>
          <summary>{tr("Leave a message")}</summary>
          <p class="soft">
            {tr(
              "Somebody reads it when we are here again. You get a code with which you can read the answer.",
            )}
          </p>
          <EntryForm {...props} leaving />
        </details>
      )}
      <OtherWays {...props} />
      {!blocked && <p class="soft after">{tr("This page opens by itself when somebody is here.")}</p>}
    </div>
  );
}

function Times(description: Description) {
  const times = opening_times(description);
  return (
    times.length > 0 && (
      <details class="card">
        <summary>{tr("Opening hours of the next days")}</summary>
        <dl class="times">
          {times.map(({ day, here, there }) => (
            <div key={day + here}>
              <dt>{day}</dt>
              <dd>
                {here} {there && <span class="soft">({there})</span>}
              </dd>
            </div>
          ))}
        </dl>
        {times[0]?.there && (
          <p class="soft">
            {tr("In your own time; in brackets that of {zone}.", { zone: description.time_zone })}
          </p>
        )}
      </details>
    )
  );
}
