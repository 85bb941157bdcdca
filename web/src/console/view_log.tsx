/**
 * The log of a room as consultants read it, however long it is: in go what the log takes, out come the same wishes. It is drawn in parts
 * that stay as they are while nothing in them changes, fetches what was before as one scrolls up, leads back to the newest, and asks
 * before a link opens.
 */

import { Component, type ComponentChildren, createRef } from "preact";
import { plural, tr } from "../i18n/texts.ts";
import type { ReadingPlace } from "../state/desk_types.ts";
import type { RoomState } from "../state/room.ts";
import type { Message } from "../state/types.ts";
import { Log, type LogProps } from "../views/log.tsx";
import { rows } from "../views/rows.tsx";
import { day_of } from "../views/times.ts";
import { LeavingDialog } from "./view_leaving.tsx";

/** By seq, so that what is put before a part or behind it leaves it as it is; as much as is fetched at once (chats.ts). */
const PART = 25;
/** So near to the beginning one wants to see what was before. */
const EARLY_PX = 600;

interface LongLogProps extends LogProps {
  /** Where one was when another chat came to the front. */
  place: ReadingPlace | undefined;
  on_away: (place: ReadingPlace | undefined) => void;
}

export class LongLog extends Log<LongLogProps> {
  /** What was there when the reader left the end; null: they are there. */
  #left_at: number | null = null;
  #asked_before = -1;
  /** Where somebody is about to go. */
  #leaving_to: string | null = null;

  override componentDidMount(): void {
    const { place, room } = this.props;
    const back = place?.first === room.first ? place : undefined;
    if (back) {
      this.stuck = false;
      this.#left_at = back.left_at;
    }
    super.componentDidMount();
    if (back && this.box.current) {
      this.box.current.scrollTop = back.top;
      this.forceUpdate();
    }
    for (const kind of ["click", "auxclick"] as const)
      this.box.current?.addEventListener(kind, (event) => this.#ask(event));
  }

  override componentWillUnmount(): void {
    super.componentWillUnmount();
    const { on_away, room } = this.props;
    const left_at = this.#left_at;
    on_away(
      left_at === null ? undefined : { top: this.box.current?.scrollTop ?? 0, first: room.first, left_at },
    );
  }

  override render() {
    return (
      <>
        {super.render()}
        {this.#leaving_to !== null && (
          <LeavingDialog address={this.#leaving_to} on_done={() => this.#leave(null)} />
        )}
      </>
    );
  }

  override componentDidUpdate(before: LongLogProps): void {
    super.componentDidUpdate(before);
    this.#look();
  }

  protected override scrolled(): void {
    super.scrolled();
    this.#look();
  }

  protected override rows(messages: Message[], before: Message | undefined): ComponentChildren {
    const { room, now } = this.props;
    const parts: ComponentChildren[] = [];
    let previous = before;
    for (let from = 0; from < messages.length; ) {
      const number = part_of(messages[from]);
      let to = from + 1;
      while (to < messages.length && part_of(messages[to]) === number) to += 1;
      const own = messages.slice(from, to);
      parts.push(<Part key={number} messages={own} before={previous} room={room} now={now} />);
      previous = own.at(-1);
      from = to;
    }
    return parts;
  }

  protected override newest(): ComponentChildren {
    if (this.#left_at === null) return null;
    const { messages } = this.props.room;
    let count = 0;
    for (let at = messages.length - 1; at >= 0; at -= 1) {
      const message = messages[at];
      if (!message || message.seq <= this.#left_at) break;
      if (message.kind === "message") count += 1;
    }
    return super.newest(
      count > 0 ? plural(count, "{count} new message", "{count} new messages") : tr("To the newest"),
    );
  }

  /** The middle button opens links, too; the right one shows what can be done with them. */
  #ask(event: MouseEvent): void {
    const link = event.target instanceof Element && event.button < 2 ? event.target.closest("a") : null;
    if (!link) return;
    event.preventDefault();
    link.focus();
    // Its own way leads to the page that asks clients.
    this.#leave(new URL(link.textContent).href);
  }

  #leave(to: string | null): void {
    this.#leaving_to = to;
    this.forceUpdate();
  }

  /** Where the reader is now, and what follows from it. */
  #look(): void {
    const { room, on_earlier } = this.props;
    const left = !this.stuck;
    if (left !== (this.#left_at !== null)) {
      this.#left_at = left ? room.last : null;
      this.forceUpdate();
    }
    if (!left || room.first === 0 || this.#asked_before === room.first) return;
    if ((this.box.current?.scrollTop ?? 0) > EARLY_PX) return;
    this.#asked_before = room.first;
    on_earlier();
  }
}

function part_of(message: Message | undefined): number {
  return Math.floor((message?.seq ?? 0) / PART);
}

interface PartProps {
  messages: Message[];
  before: Message | undefined;
  room: RoomState;
  now: Date;
}

class Part extends Component<PartProps> {
  readonly #box = createRef<HTMLDivElement>();

  override shouldComponentUpdate({ messages, before, room, now }: PartProps): boolean {
    const old = this.props;
    return (
      messages.length !== old.messages.length ||
      messages.some((one, at) => one !== old.messages[at]) ||
      before !== old.before ||
      room.client !== old.room.client ||
      day_of(now) !== day_of(old.now)
    );
  }

  /** Its height is known once it was drawn; from then on it costs nothing while it is out of sight. */
  override componentDidMount(): void {
    requestAnimationFrame(() => requestAnimationFrame(() => this.#box.current?.classList.add("at-rest")));
  }

  override render({ messages, before, room, now }: PartProps) {
    return (
      <div class="log-part" ref={this.#box}>
        {rows(messages, before, room, now)}
      </div>
    );
  }
}
