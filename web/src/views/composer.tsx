/** Where one writes: in go a draft, out come the draft as it changes and the text to send. It sends nothing and never takes the focus. */

import { useLayoutEffect, useRef, useState } from "preact/hooks";

export interface ComposerProps {
  id: string;
  label: string;
  draft: string;
  on_draft: (draft: string) => void;
  on_send: (text: string) => void;
}

const LONGEST = 5000;

export function Composer({ id, label, draft, on_draft, on_send }: ComposerProps) {
  const [text, set_text] = useState(draft);
  const area = useRef<HTMLTextAreaElement>(null);
  const length = [...text.trim()].length;
  const too_long = length > LONGEST;

  // As high as its text, up to the limit of the style sheet.
  useLayoutEffect(() => {
    const element = area.current;
    if (!element) return;
    element.style.height = "auto";
    element.style.height = `${element.scrollHeight + 2}px`;
  }, [text]);

  const change = (value: string) => {
    set_text(value);
    on_draft(value);
  };
  const send = (event: Event) => {
    event.preventDefault();
    if (length === 0 || too_long) return;
    change("");
    on_send(text.trim());
    area.current?.focus();
  };

  return (
    <form class="composer" onSubmit={send}>
      <label class="quiet" for={id}>
        {label}
      </label>
      <textarea
        id={id}
        ref={area}
        rows={1}
        value={text}
        placeholder="Write a message"
        enterkeyhint="send"
        autocomplete="off"
        dir="auto"
        aria-describedby={too_long ? `${id}-problem` : undefined}
        aria-invalid={too_long ? "true" : undefined}
        onInput={(event) => change(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && !event.shiftKey && !event.isComposing) send(event);
        }}
      />
      <button type="submit" class="button primary">
        Send
      </button>
      {too_long && (
        <p class="problem" id={`${id}-problem`} role="alert">
          Too long by {length - LONGEST} characters.
        </p>
      )}
    </form>
  );
}
