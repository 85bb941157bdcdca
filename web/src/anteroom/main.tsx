/** Wires the client's side: in goes the page's element, out comes the running app. Nothing here decides anything. */

import "../style/anteroom.css";
import { Later } from "../client/later.ts";
import { browser_parts, is_looking, run } from "../client/page.ts";
import { tr } from "../i18n/texts.ts";
import { type AnteroomEvent, type AnteroomState, NEW_ANTEROOM, reduce_anteroom } from "../state/anteroom.ts";
import { Store } from "../talk/store.ts";
import { Anteroom } from "./anteroom.ts";
import type { Calls } from "./calls.ts";
import { AnteroomView } from "./views.tsx";

function start(element: HTMLElement): Promise<void> {
  const store = new Store<AnteroomState, AnteroomEvent>(NEW_ANTEROOM, reduce_anteroom);
  const parts = browser_parts(element, element.dataset.realm as string);
  const anteroom = new Anteroom({ ...parts, store });
  const rare = new Later(() => import("./rare.ts"));
  let calls: Calls | undefined;
  const title = document.title;
  let was_waiting = false;
  /** Called, and not back at the page yet. */
  let calling = false;
  let said = false;
  return run(
    element,
    store,
    anteroom,
    (frame) => {
      const { state } = frame;
      const status = state.room?.status;
      if (was_waiting && status === "active") {
        calls?.call();
        calling = !is_looking() || !document.hasFocus();
      }
      // A neutral title is there from the beginning, and tells nothing later either.
      const called = `● ${state.description?.neutral_title ? "" : tr("Somebody is here for you")}`;
      document.title = calling ? called : title;
      // The button of a site says so, too, as long as its box is hidden.
      if (said !== calling) parent.postMessage(Number(calling), "*");
      said = calling;
      // Who begins to write has it before it is needed.
      if (state.writing || state.description?.open === false || /away|room|ended/.test(state.screen))
        rare.fetch(frame.draw);
      if (rare.fetched) calls ??= new rare.fetched.Calls(parts.keeper);
      if (status === "waiting" && !was_waiting) calls?.keep();
      was_waiting = status === "waiting";
      return (
        <AnteroomView
          {...frame}
          rare={rare.fetched}
          late={rare}
          calls={calls}
          now={new Date()}
          groups={element.dataset.groups}
          actions={anteroom}
        />
      );
    },
    () => {
      if (is_looking()) calling = false;
    },
  );
}

const element = document.getElementById("anteroom");
if (element) void start(element);
