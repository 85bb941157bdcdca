/** A group's page: in goes the state, out come what the client does. It chooses the screen; no I/O. */

import type { ComponentChildren } from "preact";
import { Frame } from "../client/frame.tsx";
import { Loading, Panel } from "../client/parts.tsx";
import { tr } from "../i18n/texts.ts";
import { Instead, Unsay } from "./parts.tsx";
import type { Props } from "./props.ts";
import { Entry } from "./view_entry.tsx";
import { RoomScreen } from "./view_room.tsx";

export function GroupView(props: Props) {
  return (
    <Frame {...props}>
      <Screen {...props} />
    </Frame>
  );
}

function Screen(props: Props): ComponentChildren {
  const { state, actions, rare } = props;
  switch (state.screen) {
    case "loading":
      return <Loading {...state} />;
    case "form":
      return <Entry {...props} />;
    case "room":
      return state.room && <RoomScreen {...props} room={state.room} />;
    case "ended":
      return (
        <Panel title={tr("You have left the group")}>
          <p>{tr("You can come back under your name as long as this page is open.")}</p>
          <button type="button" class="button" onClick={() => actions.come_back()}>
            {tr("Come back")}
          </button>
          <Instead {...props} />
          <Unsay {...props} />
        </Panel>
      );
    case "away":
      return rare ? <rare.Away {...props} /> : <Loading {...state} />;
    case "unknown":
      return (
        <Panel title={tr("This group is not here")}>
          <p>
            {tr(
              "Perhaps its address was not copied completely, or the group is over and nothing of it is kept.",
            )}
          </p>
          <Instead {...props} />
        </Panel>
      );
  }
}
