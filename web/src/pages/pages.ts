/**
 * Small comforts for the pages made on the server, which all work without: copy buttons, and a second step before what
 * cannot be undone. In go the marks in the markup, out comes nothing but behaviour; it stores nothing.
 */

import { show_calls } from "../push/here.ts";
import "../style/pages.css";
import { show_device } from "./device.ts";
import { edit } from "./editor.ts";
import { offer_passkeys } from "./passkeys.ts";

show_device();
show_calls();
offer_passkeys();

for (const form of document.querySelectorAll<HTMLFormElement>("form[data-editor]")) edit(form);

/** Where the pages of an organisation stand in one line, the one that is open is in sight. */
function show_place(): void {
  for (const link of document.querySelectorAll<HTMLElement>(".site-nav.sub > [aria-current]")) {
    const line = link.parentElement;
    if (line) line.scrollLeft += middle_of(link) - middle_of(line);
  }
}

function middle_of(element: HTMLElement): number {
  const { left, width } = element.getBoundingClientRect();
  return left + width / 2;
}

show_place();
addEventListener("resize", show_place);

for (const field of document.querySelectorAll<HTMLElement>("[data-copy]")) {
  const source = field.querySelector<HTMLElement>("input, textarea, pre");
  const button = field.querySelector("button");
  if (!source || !button) continue;
  const label = button.textContent ?? "Copy";
  button.hidden = false;
  button.addEventListener("click", () => {
    void copy(source).then((copied) => {
      button.textContent = copied ? "Copied" : "Press Ctrl+C";
      setTimeout(() => {
        button.textContent = label;
      }, 2000);
    });
  });
}

/** Without a secure context there is no clipboard: then the text is selected, ready to be copied by hand. */
async function copy(source: HTMLElement): Promise<boolean> {
  const editable = source instanceof HTMLInputElement || source instanceof HTMLTextAreaElement;
  if (editable) source.select();
  else getSelection()?.selectAllChildren(source);
  try {
    await navigator.clipboard.writeText(editable ? source.value : (source.textContent ?? ""));
    return true;
  } catch {
    return false;
  }
}

for (const form of document.querySelectorAll<HTMLFormElement>("form[data-confirm]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.confirmed) return;
    event.preventDefault();
    ask(form, event.submitter);
  });
}

/** What gives the login a new cookie is sent once: a second click would come with the old one. */
for (const form of document.querySelectorAll<HTMLFormElement>("form[data-once]")) {
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
  addEventListener("pageshow", () => {
    sent = false;
  });
}

function ask(form: HTMLFormElement, submitter: HTMLElement | null): void {
  const dialog = document.createElement("dialog");
  dialog.className = "card ask";
  const question = document.createElement("p");
  question.textContent = form.dataset.confirm ?? "";
  const actions = document.createElement("div");
  actions.className = "actions";
  const yes = document.createElement("button");
  const no = document.createElement("button");
  yes.className = "button danger";
  yes.textContent = submitter?.textContent?.trim() || "Yes";
  no.className = "button";
  no.textContent = "Cancel";
  // The harmless one first: it gets the focus.
  actions.append(no, yes);
  dialog.append(question, actions);
  dialog.setAttribute("aria-label", question.textContent ?? "");
  yes.addEventListener("click", () => {
    form.dataset.confirmed = "yes";
    dialog.close();
    form.requestSubmit(submitter);
  });
  no.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
