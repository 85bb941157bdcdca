/** A button that asks before it acts. Words in, the answer out. */

import { Component, type ComponentChildren, createRef } from "preact";

export interface AskingButtonProps {
  class?: string;
  children: ComponentChildren;
  question: string;
  yes: string;
  no: string;
  on_yes: () => void;
}

/** A button whose action needs a second step, in the page. */
export class AskingButton extends Component<AskingButtonProps, { asking: boolean }> {
  override state = { asking: false };
  readonly #dialog = createRef<HTMLDialogElement>();
  /** Since it was last drawn. */
  #is_asked = false;

  override componentDidUpdate(): void {
    if (this.#is_asked) this.#dialog.current?.showModal();
    this.#is_asked = false;
  }

  override render() {
    const { class: name = "", children, question, yes, no } = this.props;
    return (
      <span class="asking">
        <button type="button" class={`button ${name}`} onClick={() => this.#ask()}>
          {children}
        </button>
        {this.state.asking && (
          <dialog
            class="card ask"
            ref={this.#dialog}
            onClose={() => this.setState({ asking: !!this.#dialog.current?.open })}
            aria-label={question}
          >
            <p>{question}</p>
            <div class="actions">
              <button type="button" class="button" onClick={() => this.#answer(false)}>
                {no}
              </button>
              <button type="button" class="button danger" onClick={() => this.#answer(true)}>
                {yes}
              </button>
            </div>
          </dialog>
        )}
      </span>
    );
  }

  /** The browser tells later that the dialog was closed: whoever asks again before that has it open again, and it stays. */
  #ask(): void {
    this.#dialog.current?.showModal();
    this.#is_asked = true;
    this.setState({ asking: true });
  }

  /** Closing first, and taking away afterwards, gives the focus back to the button. */
  #answer(yes: boolean): void {
    this.#dialog.current?.close();
    if (yes) this.props.on_yes();
  }
}
