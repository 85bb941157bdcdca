/** Small pieces both sides use: the connection line, and a button that asks before it acts. State in, callbacks out. */

import { Component, type ComponentChildren, createRef } from "preact";
import { type Link, link_line } from "../state/connection.ts";

export function ConnectionLine({ link, undelivered }: { link: Link; undelivered: number }) {
  const { tone, text } = link_line(link, undelivered);
  return (
    <p class={`link ${tone}`} role="status" data-status={link.status}>
      <span class="link-dot" aria-hidden="true" />
      {text}
    </p>
  );
}

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

/** Gives the app the height that is really visible, also while a phone's keyboard is open. */
export function follow_visible_height(element: HTMLElement): void {
  const viewport = window.visualViewport;
  if (!viewport) return;
  const follow = () => {
    // Pinched zoom makes the viewport small too; that is for reading, not for layout.
    if (viewport.scale > 1.05) return;
    element.style.setProperty("--visible", `${viewport.height}px`);
    if (viewport.offsetTop > 0) scrollTo(0, 0);
  };
  viewport.addEventListener("resize", follow);
  viewport.addEventListener("scroll", follow);
  follow();
}
