/** Correcting one's own last message for as long as that is possible: in go the room and the moment, out come a new text or a withdrawal. */

import { Component, createRef } from "preact";
import { tr } from "../i18n/texts.ts";
import type { RoomState } from "../state/room.ts";
import type { Message } from "../state/types.ts";
import { AskingButton } from "./asking_button.tsx";
import { Composer } from "./composer.tsx";

/** The server gives a minute; the rest is for the way there. */
const OFFERED_MS = 55_000;

interface Callbacks {
  /** Gives what went wrong, in words. */
  on_correct: (seq: number, text: string | null) => Promise<string>;
  /** Whether Enter sends. */
  sends?: boolean | undefined;
}

/** One's own last message, if it still says something and is not older than the offer. */
export function Correction({ room, ...rest }: Callbacks & { room: RoomState }) {
  const message = room.messages.findLast((one) => one.kind === "message" && one.sender?.id === room.me);
  if (!message || message.withdrawn || room.pending.length > 0) return null;
  return <Offer key={message.seq} message={message} {...rest} />;
}

class Offer extends Component<
  Callbacks & { message: Message },
  { over: boolean; draft: string | null; problem: string }
> {
  override state = { over: this.#rest() <= 0, draft: null, problem: "" };
  readonly #box = createRef<HTMLDivElement>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  override componentDidMount(): void {
    this.#timer = setTimeout(() => this.setState({ over: true }), this.#rest());
  }

  override componentWillUnmount(): void {
    clearTimeout(this.#timer);
  }

  override render() {
    const { draft, over, problem } = this.state;
    const button = (text: string, next: string | null) => (
      <button type="button" class="button link" onClick={() => this.#show(next)}>
        {text}
      </button>
    );
    return (
      <div class="correction" ref={this.#box}>
        {draft !== null ? (
          <>
            <span class="soft">{tr("Edit your last message")}</span>
            <Composer
              id="correction"
              label={tr("Edit your last message")}
              draft={draft}
              button={tr("Save")}
              sends={this.props.sends}
              on_draft={() => {}}
              on_send={(text) => void this.#correct(text)}
            />
            {button(tr("Cancel"), null)}
          </>
        ) : (
          !over && (
            <>
              <span class="soft">{tr("Your last message")}: </span>
              {button(tr("Edit"), this.props.message.text)}
              <AskingButton
                class="link"
                question={tr("Withdraw your last message? It is replaced by a line that says so.")}
                yes={tr("Withdraw")}
                no={tr("Keep it")}
                on_yes={() => void this.#correct(null)}
              >
                {tr("Withdraw")}
              </AskingButton>
            </>
          )
        )}
        {problem && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
      </div>
    );
  }

  /** A clock that runs ahead of the server's takes time away, one behind gives none. */
  #rest(): number {
    return Math.min(OFFERED_MS, OFFERED_MS - Date.now() + Date.parse(this.props.message.at));
  }

  /** Shows the field or the offer; whoever pressed a button that is gone with it goes on in there. */
  #show(draft: string | null, problem = ""): void {
    this.setState({ draft, problem });
    setTimeout(() => this.#box.current?.querySelector<HTMLElement>("textarea, button")?.focus());
  }

  /** What could not be changed stays as it was typed. */
  async #correct(text: string | null): Promise<void> {
    const { message, on_correct } = this.props;
    if (text !== null) this.#show(null);
    const problem = text === message.text ? "" : await on_correct(message.seq, text);
    if (problem) this.#show(text, problem);
  }
}
