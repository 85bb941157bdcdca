/**
 * Comforts for forms with rows, which work without: questions or places are moved by pointer or keyboard, and
 * a preview follows what is typed. In goes the page's form, out come its rows in another order; nothing is stored.
 */

import "../style/editor.css";

const PAUSE_MS = 300;
/** Dragging so near to the window's edge scrolls the page. */
const EDGE = 48;

export function edit(form: HTMLFormElement): void {
  const list = form.querySelector<HTMLElement>("[data-rows]");
  const order = form.querySelector<HTMLInputElement>("input[name=order]");
  const said = form.querySelector<HTMLElement>("[data-said]");
  if (!list || !order || !said) return;
  const rows = () => [...list.querySelectorAll<HTMLElement>(":scope > [data-row]")];
  const follow = previewOf(form);

  /** The numbers people see, and the order the server is told. */
  function renumber(): void {
    const now = rows();
    if (order) order.value = now.map((row) => row.dataset.row).join(",");
    now.forEach((row, place) => {
      for (const number of row.querySelectorAll("[data-number]")) number.textContent = `${place + 1}`;
      row.querySelector<HTMLButtonElement>("[data-up]")?.toggleAttribute("disabled", place === 0);
      row
        .querySelector<HTMLButtonElement>("[data-down]")
        ?.toggleAttribute("disabled", place === now.length - 1);
    });
    follow();
  }

  function move(row: HTMLElement, by: -1 | 1): void {
    const now = rows();
    const other = now[now.indexOf(row) + by];
    if (!other) return;
    if (by < 0) other.before(row);
    else other.after(row);
    moved(row);
  }

  function moved(row: HTMLElement): void {
    renumber();
    if (said)
      said.textContent = `This is now ${list?.dataset.rows} ${rows().indexOf(row) + 1} of ${rows().length}.`;
  }

  for (const row of rows()) {
    const handle = row.querySelector<HTMLButtonElement>("[data-handle]");
    if (handle) {
      handle.hidden = false;
      handle.addEventListener("keydown", (event) => {
        if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
        event.preventDefault();
        move(row, event.key === "ArrowUp" ? -1 : 1);
        handle.focus();
      });
      drag(handle, row, rows, () => moved(row));
    }
    for (const [mark, by] of [["[data-up]", -1] as const, ["[data-down]", 1] as const]) {
      const button = row.querySelector<HTMLButtonElement>(mark);
      button?.addEventListener("click", (event) => {
        event.preventDefault();
        move(row, by);
        (button.disabled ? handle : button)?.focus();
      });
    }
  }
  for (const choices of list.querySelectorAll<HTMLElement>("[data-choices]")) edit_choices(choices, follow);
  form.addEventListener("input", follow);
}

/** Choices of a question come, go and move at once: what their buttons would have the server do. */
function edit_choices(list: HTMLElement, changed: () => void): void {
  const blank = list.querySelector("template")?.content.firstElementChild;
  const count = list.querySelector<HTMLInputElement>("input[type=hidden]");
  const add = list.querySelector<HTMLButtonElement>(":scope > button");
  if (!blank || !count || !add) return;
  const rows = () => [...list.querySelectorAll<HTMLElement>(":scope > [data-choice]")];

  function renumber(): void {
    const now = rows();
    if (count) count.value = `${now.length}`;
    add?.toggleAttribute("disabled", now.length >= Number(list.dataset.choices));
    now.forEach((row, place) => {
      for (const number of row.querySelectorAll("[data-choice-number]")) number.textContent = `${place + 1}`;
      for (const field of row.querySelectorAll<HTMLInputElement | HTMLButtonElement>("input, button")) {
        const part = field instanceof HTMLButtonElement ? "value" : "name";
        field[part] = field[part].replace(/-choice-\d+/, `-choice-${place}`);
      }
      const [up, down] = row.querySelectorAll("button");
      up?.toggleAttribute("disabled", place === 0);
      down?.toggleAttribute("disabled", place === now.length - 1);
    });
    changed();
  }

  list.addEventListener("click", (event) => {
    const button = (event.target as Element).closest("button");
    if (!button) return;
    event.preventDefault();
    const row = button.closest<HTMLElement>("[data-choice]");
    const now = rows();
    const place = row ? now.indexOf(row) : -1;
    if (!row) {
      const fresh = blank.cloneNode(true) as HTMLElement;
      const question = list.closest("[data-row]")?.querySelector("[data-number]")?.textContent ?? "";
      for (const number of fresh.querySelectorAll("[data-number]")) number.textContent = question;
      add.before(fresh);
      fresh.querySelector("input")?.focus();
    } else if (button.value.startsWith("remove")) {
      row.remove();
      add.focus();
    } else if (button.value.startsWith("raise")) now[place - 1]?.before(row);
    else now[place + 1]?.after(row);
    renumber();
    if (row?.isConnected)
      (button.disabled ? row.querySelector<HTMLElement>("button:enabled") : button)?.focus();
  });
}

/** Rows give way to the one that is dragged; Escape puts it back. */
function drag(handle: HTMLElement, row: HTMLElement, rows: () => HTMLElement[], moved: () => void): void {
  let home: { next: Element | null } | null = null;
  const end = () => {
    row.classList.remove("dragged");
    home = null;
  };
  handle.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    handle.setPointerCapture(event.pointerId);
    home = { next: row.nextElementSibling };
    row.classList.add("dragged");
  });
  handle.addEventListener("pointermove", (event) => {
    if (!home) return;
    if (event.clientY < EDGE) window.scrollBy(0, -EDGE / 2);
    if (event.clientY > window.innerHeight - EDGE) window.scrollBy(0, EDGE / 2);
    const now = rows();
    const place = now.indexOf(row);
    // The others move: a row that leaves its place in the page would lose the pointer.
    for (const above of now.slice(0, place).reverse()) if (event.clientY < middle(above)) row.after(above);
    for (const below of now.slice(place + 1)) if (event.clientY > middle(below)) row.before(below);
  });
  handle.addEventListener("pointerup", () => {
    if (home && home.next !== row.nextElementSibling) moved();
    end();
  });
  handle.addEventListener("pointercancel", end);
  handle.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !home) return;
    if (home.next) home.next.before(row);
    end();
  });
}

function middle(row: HTMLElement): number {
  const box = row.getBoundingClientRect();
  return box.top + box.height / 2;
}

/** Asks the server for the preview of what is typed, once there is a pause; the newest answer counts. */
function previewOf(form: HTMLFormElement): () => void {
  const shown = document.querySelector<HTMLElement>("[data-preview]");
  if (!shown) return () => {};
  let timer = 0;
  let asked: XMLHttpRequest | undefined;
  function ask(): void {
    asked?.abort();
    const body = new URLSearchParams();
    for (const [name, value] of new FormData(form)) body.append(name, String(value));
    body.set("action", "preview");
    const request = new XMLHttpRequest();
    asked = request;
    // Its buttons are called action too, so the form's own property is one of them.
    request.open("POST", form.getAttribute("action") ?? "");
    // Unlike fetch it hands over a parsed page, so that no text of ours becomes markup here.
    request.responseType = "document";
    request.addEventListener("load", () => {
      const fresh = request.responseXML?.querySelector("[data-preview]");
      if (fresh) shown?.replaceChildren(...fresh.childNodes);
    });
    request.send(body);
  }
  return () => {
    clearTimeout(timer);
    timer = window.setTimeout(ask, PAUSE_MS);
  };
}
