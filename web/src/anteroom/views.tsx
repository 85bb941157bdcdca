/** What the client sees: in goes the state, out come what the client does. It chooses the screen; no I/O. */

import type { ComponentChildren } from "preact";
import { Frame } from "../client/frame.tsx";
import { Loading, Missing, Panel } from "../client/parts.tsx";
import { tr } from "../i18n/texts.ts";
import type { Props } from "./props.ts";
import { Entry } from "./view_entry.tsx";
import { RoomScreen } from "./view_room.tsx";

export function AnteroomView(props: Props) {
  return (
    <Frame {...props}>
      <Screen {...props} />
    </Frame>
  );
}

function Screen(props: Props): ComponentChildren {
  const { state, rare } = props;
  switch (state.screen) {
    case "loading":
      return <Loading {...state} />;
    case "form":
      return <Entry {...props} />;
    case "room":
      return state.room && <RoomScreen {...props} room={state.room} />;
    case "ended":
      return (
        <Panel title={tr("You have left the conversation")}>
          {rare ? <rare.Farewell {...props} /> : <Missing {...props} />}
        </Panel>
      );
    case "away":
      return rare ? (
        <rare.Away {...props} />
      ) : (
        <div class="panel">
          <Missing {...props} />
        </div>
      );
    case "unknown":
      return (
        <Panel title={tr("There is nobody here")}>
          <p>{tr("This address does not belong to any organisation.")}</p>
        </Panel>
      );
  }
}
