/** Wires a group's page: in goes the page's element, out comes the running app. Nothing here decides anything. */

import "../style/group.css";
import { Later } from "../client/later.ts";
import { browser_parts, run } from "../client/page.ts";
import {
  type GroupPageEvent,
  type GroupPageState,
  NEW_GROUP_PAGE,
  reduce_group_page,
} from "../state/group_page.ts";
import { Store } from "../talk/store.ts";
import { Group } from "./group.ts";
import { GroupView } from "./views.tsx";

function start(element: HTMLElement): Promise<void> {
  const { realm = "", code = "" } = element.dataset;
  const store = new Store<GroupPageState, GroupPageEvent>(NEW_GROUP_PAGE, reduce_group_page);
  // One tab may be in the anteroom and in a group, one after the other.
  const group = new Group({ ...browser_parts(element, `${realm}.${code}`), store }, code);
  const alone = `/anteroom?token=${realm}`;
  const rare = new Later(() => import("./rare.ts"));
  return run(element, store, group, (frame) => {
    if (/away|room|ended/.test(frame.state.screen)) rare.fetch(frame.draw);
    return (
      <GroupView {...frame} rare={rare.fetched} late={rare} now={new Date()} actions={group} alone={alone} />
    );
  });
}

const element = document.getElementById("group");
if (element) void start(element);
