/** Where one writes: in go a draft, out come the draft as it changes and the text to send. It sends nothing and never takes the focus. */

import { Component, createRef } from "preact";
import { tr } from "../i18n/texts.ts";

export interface ComposerProps {
  id: string;
  label: string;
  draft: string;
  /** Of the button, where it does not send. */
  button?: string;
  /** Whether Enter sends; it begins a new line where fingers write. */
  sends?: boolean | undefined;
  on_draft: (draft: string) => void;
  on_send: (text: string) => void;
}

const LONGEST = 5000;

export class Composer extends Component<ComposerProps, { text: string }> {
  override state = { text: this.props.draft };
  readonly #area = createRef<HTMLTextAreaElement>();

  override componentDidMount(): void {
    this.#fit();
  }

  override componentDidUpdate(): void {
    this.#fit();
  }

  override render() {
    const { id, label, button = tr("Send"), sends = enter_sends() } = this.props;
    const { text } = this.state;
    const excess = length_of(text) - LONGEST;
    return (
      <form class="composer" onSubmit={this.#send}>
        <label class="quiet" for={id}>
          {label}
        </label>
        <textarea
          id={id}
          ref={this.#area}
          rows={1}
          value={text}
          placeholder={tr("Write a message")}
          enterkeyhint={sends ? "send" : "enter"}
          autocomplete="off"
          dir="auto"
          aria-describedby={excess > 0 ? `${id}-problem` : undefined}
          aria-invalid={excess > 0 ? "true" : undefined}
          onInput={(event) => this.#change(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || event.isComposing) return;
            if (event.ctrlKey || event.metaKey || (sends && !event.shiftKey)) this.#send(event);
          }}
        />
        <button type="submit" class="button primary">
          {button}
        </button>
        {excess > 0 && (
          <p class="problem" id={`${id}-problem`} role="alert">
            {tr("Too long by {count} characters.", { count: excess })}
          </p>
        )}
      </form>
    );
  }

  /** As high as its text, up to the limit of the style sheet. */
  #fit(): void {
    const { current } = this.#area;
    if (!current) return;
    current.style.height = "auto";
    current.style.height = `${current.scrollHeight + 2}px`;
  }

  #change(text: string): void {
    this.setState({ text });
    this.props.on_draft(text);
  }

  #send = (event: Event): void => {
    event.preventDefault();
    const text = this.state.text.trim();
    const length = length_of(text);
    if (length === 0 || length > LONGEST) return;
    this.#change("");
    this.props.on_send(text);
    this.#area.current?.focus();
  };
}

/** Keyboards on the screen have no Shift Enter. */
export function enter_sends(): boolean {
  return !matchMedia("(pointer: coarse)").matches;
}

function length_of(text: string): number {
  return [...text.trim()].length;
}
