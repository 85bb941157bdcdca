/**
 * The button on an organisation's own site: in goes the script's own tag, out come a button and, on a click, the anteroom in an iframe.
 * It sets no cookie, keeps nothing and reads nothing of the page. Of its own server's pages alone it hears two things: that somebody is there, which
 * the button says, and the quick way out, by which this page goes too.
 */

const script = document.currentScript as HTMLScriptElement;
const {
  organisation = "",
  label = "Chat with us",
  close: shut = "Close",
  colour = "#0e5e5b",
} = script.dataset;
const home = new URL(script.src).origin;

// Styles go through the object model: allowed under any Content-Security-Policy, and out of reach of the page's own rules.
function make<Name extends "button" | "div" | "iframe">(name: Name, style: string) {
  const element = document.createElement(name);
  element.style.cssText = `all:initial;box-sizing:border-box;${style}`;
  return element;
}

function make_button(text: string, style: string, act: () => void): HTMLButtonElement {
  const element = make(
    "button",
    `${style};height:44px;color:#fff;background:${colour};font:600 16px system-ui,sans-serif;cursor:pointer;outline:revert;outline-offset:-6px`,
  );
  element.textContent = text;
  element.onclick = act;
  return element;
}

/** On a phone the box fills the window: there `--n` is larger than any distance, elsewhere nothing. */
const FLOAT = `--n:max(0px,(481px - 100vw)*999);position:fixed;z-index:2147483000;box-shadow:0 2px 16px #0005;`;
const CORNER = (from: string) => `inset-inline-end:${from};bottom:${from};`;

const launcher = make_button(label, `${FLOAT}${CORNER("16px")}padding:0 20px;border-radius:22px`, () =>
  show(true),
);
const closer = make_button(`${shut} ✕`, "width:100%;padding:0 16px;text-align:end", () => show(false));

let box: HTMLDivElement | undefined;
let frame: HTMLIFrameElement;
/** Who opens it goes on here: in the frame as soon as it hears Esc, which three times is the quick way out. */
let inside: HTMLElement = closer;

function show(open: boolean): void {
  if (!box) {
    box = make(
      "div",
      `${FLOAT}${CORNER("max(0px,16px - var(--n))")}width:min(100%,400px + var(--n));height:min(100%,min(700px,100% - 32px) + var(--n));border-radius:max(0px,14px - var(--n));overflow:hidden;flex-direction:column;background:${colour}`,
    );
    box.setAttribute("role", "dialog");
    box.setAttribute("aria-label", label);
    frame = make("iframe", "flex:1;width:100%;background:#f6f3ee");
    frame.title = label;
    frame.referrerPolicy = "no-referrer";
    frame.src = `${home}/anteroom?token=${encodeURIComponent(organisation)}`;
    frame.onload = () => {
      inside = frame;
      if (document.activeElement === closer) frame.focus();
    };
    box.append(closer, frame);
    box.onkeydown = (event) => {
      if (event.key === "Escape") show(false);
    };
    addEventListener("message", ({ origin, data }) => {
      if (origin !== home) return;
      // Another page in that frame may not send this one anywhere, and no page may have it run a script.
      if (/^https?:/.test(data)) location.replace(data);
      else launcher.textContent = (data === 1 ? "(1) " : "") + label;
    });
    document.body.append(box);
  }
  // Hidden, not removed: the conversation goes on.
  box.style.display = open ? "flex" : "none";
  launcher.style.display = open ? "none" : "block";
  // Browsers do not tell a frame that nobody sees it.
  frame.contentWindow?.postMessage(open, "*");
  (open ? inside : launcher).focus();
}

const begin = () => document.body.append(launcher);
if (document.body) begin();
else addEventListener("DOMContentLoaded", begin);
