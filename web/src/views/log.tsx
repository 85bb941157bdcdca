/**
 * The log of a room: in go its state and the present moment, out come wishes to see more or to try again. It keeps the reader's place.
 * History stands outside the live region, so that screen readers announce new messages only.
 */

import { Component, type ComponentChildren, createRef } from "preact";
import { isolated, plural, tr } from "../i18n/texts.ts";
import { type RoomState, reached_others } from "../state/room.ts";
import type { Message } from "../state/types.ts";
import { type PendingProps, PendingRow, rows } from "./rows.tsx";

export interface LogProps extends Omit<PendingProps, "one"> {
  room: RoomState;
  now: Date;
  on_earlier: () => void;
}

const NEAR_PX = 60;

export class Log<Props extends LogProps = LogProps> extends Component<Props, { below: boolean }> {
  override state = { below: false };
  protected readonly box = createRef<HTMLElement>();
  /** Whether the reader is at the end, and how things were when last drawn. */
  protected stuck = true;
  #height = 0;
  /** Where it was scrolled to and how much of it one saw, when it was last looked at. */
  #top = 0;
  #sight = 0;
  #first = this.props.room.first;
  #watcher: ResizeObserver | undefined;

  override componentDidMount(): void {
    this.#watcher = new ResizeObserver(() => {
      if (this.stuck) this.to_end();
    });
    if (this.box.current) this.#watcher.observe(this.box.current);
    this.#settle();
  }

  override componentDidUpdate({ room: before }: Props): void {
    const { room } = this.props;
    // Whoever writes wants to see it.
    if (room.pending.length > 0 && room.pending.at(-1)?.nonce !== before.pending.at(-1)?.nonce)
      this.stuck = true;
    this.#settle();
    const more = room.last + room.pending.length !== before.last + before.pending.length;
    if (more && !this.stuck && !this.state.below) this.setState({ below: true });
  }

  override componentWillUnmount(): void {
    this.#watcher?.disconnect();
  }

  override render() {
    const { room, on_earlier } = this.props;
    const split = room.messages.findIndex((one) => one.seq > room.live_after);
    const history = split < 0 ? room.messages : room.messages.slice(0, split);
    const live = split < 0 || !room.ready ? [] : room.messages.slice(split);
    const seen = reached_others(room, "seen");
    const last = room.messages.findLast((one) => !one.of);
    return (
      <div class="log-frame">
        <section
          class="log"
          ref={this.box}
          onScroll={() => this.scrolled()}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
          tabIndex={0}
          aria-label={tr("Conversation")}
        >
          {room.first > 0 && (
            <p class="log-more">
              <button type="button" class="button link" onClick={on_earlier}>
                {tr("Show earlier messages")}
              </button>
            </p>
          )}
          <div>{this.rows(history, undefined)}</div>
          <div role="log" aria-live="polite" aria-relevant="additions" aria-label={tr("New messages")}>
            {this.rows(live, history.at(-1))}
          </div>
          <div>
            {room.pending.map((one) => (
              <PendingRow key={one.nonce} one={one} {...this.props} />
            ))}
          </div>
          {last?.kind === "message" && last.sender?.id === room.me && room.pending.length === 0 && (
            <p class="message-meta log-mark">
              <span class="quiet">{tr("Your message")}: </span>
              {last.seq <= seen
                ? tr("Seen")
                : last.seq <= reached_others(room, "delivered")
                  ? tr("Delivered")
                  : tr("Sent")}
            </p>
          )}
        </section>
        {this.newest()}
      </div>
    );
  }

  protected rows(messages: Message[], before: Message | undefined): ComponentChildren {
    return rows(messages, before, this.props.room, this.props.now);
  }

  /** The way to the end, where there is something new. */
  protected newest(text = this.state.below && tr("New messages")): ComponentChildren {
    return (
      text && (
        <button type="button" class="button log-end" onClick={this.to_end}>
          {text} <span aria-hidden="true">↓</span>
        </button>
      )
    );
  }

  /** Stays at the end when the reader is there, and keeps the reader's place when something is put before it. */
  #settle(): void {
    const { current } = this.box;
    if (!current) return;
    const { first } = this.props.room;
    if (first < this.#first) current.scrollTop += current.scrollHeight - this.#height;
    else if (this.stuck) this.to_end();
    this.#height = current.scrollHeight;
    this.#first = first;
  }

  protected scrolled(): void {
    const { current } = this.box;
    if (!current) return;
    const { scrollTop, scrollHeight, clientHeight } = current;
    const near = scrollHeight - scrollTop - clientHeight < NEAR_PX;
    // Heights change with the window, and as parts come into sight: only who goes up leaves the end.
    if (this.stuck && !near && (scrollTop >= this.#top || clientHeight !== this.#sight)) {
      this.to_end();
      return;
    }
    this.stuck = near;
    this.#top = scrollTop;
    this.#sight = clientHeight;
    if (this.stuck && this.state.below) this.setState({ below: false });
  }

  protected to_end = (): void => {
    this.stuck = true;
    const { current } = this.box;
    if (!current) return;
    current.scrollTop = current.scrollHeight;
    this.#top = current.scrollTop;
    this.#sight = current.clientHeight;
  };
}

/** Who is typing, in a place that is always there so that nothing jumps. */
export function TypingLine({ room }: { room: RoomState }) {
  const names = room.typing.map((one) => isolated(one.name));
  return (
    <p class="typing" dir="auto">
      {names.length > 0 && (
        <>
          {plural(names.length, "{names} is typing", "{names} are typing", { names: names.join(", ") })}
          <span class="dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
        </>
      )}
    </p>
  );
}
