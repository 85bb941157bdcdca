/**
 * The button on an organisation's own site: in goes the script's own tag, out come a button and, on a click, the anteroom in an iframe.
 * It sets no cookie, keeps nothing and reads nothing of the page. The one message it listens to, of its own server's pages alone, asks for the quick
 * way out: then this page goes too.
 */

const script = document.currentScript as HTMLScriptElement;
const { organisation = "", label = "Chat with us" } = script.dataset;
const home = new URL(script.src).origin;
const phone = matchMedia("(max-width:480px)");

// Styles go through the object model: allowed under any Content-Security-Policy, and out of reach of the page's own rules.
function make<Name extends "button" | "div" | "iframe">(name: Name, style: string) {
  const element = document.createElement(name);
  element.style.cssText = `all:initial;box-sizing:border-box;${style}`;
  return element;
}

function make_button(text: string, style: string, act: () => void): HTMLButtonElement {
  const element = make(
    "button",
    `${style};height:44px;color:#fff;background:#0e5e5b;font:600 16px system-ui,sans-serif;cursor:pointer`,
  );
  element.type = "button";
  element.textContent = text;
  element.onclick = act;
  element.onfocus = () => {
    if (element.matches(":focus-visible")) element.style.outline = "3px solid #fff";
    element.style.outlineOffset = "-6px";
  };
  element.onblur = () => {
    element.style.outline = "";
  };
  return element;
}

const FLOAT = "position:fixed;z-index:2147483000;box-shadow:0 2px 16px #0005;";
let box: HTMLDivElement | undefined;

const launcher = make_button(label, `${FLOAT}right:16px;bottom:16px;padding:0 20px;border-radius:22px`, () =>
  show(true),
);
const closer = make_button("✕", "width:100%;padding:0 16px;text-align:right", () => show(false));
closer.setAttribute("aria-label", "Close");

function arrange(): void {
  if (!box) return;
  const full = phone.matches;
  box.style.inset = full ? "0" : "auto 16px 16px auto";
  box.style.width = full ? "100%" : "400px";
  box.style.height = full ? "100%" : "min(700px,100% - 32px)";
  box.style.borderRadius = full ? "0" : "14px";
}

function show(open: boolean): void {
  if (!box) {
    box = make("div", `${FLOAT}overflow:hidden;flex-direction:column;background:#0e5e5b`);
    box.setAttribute("role", "dialog");
    box.setAttribute("aria-label", label);
    const frame = make("iframe", "flex:1;width:100%;background:#f6f3ee");
    frame.title = label;
    frame.referrerPolicy = "strict-origin-when-cross-origin";
    frame.src = `${home}/anteroom?token=${encodeURIComponent(organisation)}`;
    box.append(closer, frame);
    box.onkeydown = (event) => {
      if (event.key === "Escape") show(false);
    };
    addEventListener("message", ({ origin, data }) => {
      // Another page in that frame may not send this one anywhere, and no page may have it run a script.
      if (origin === home && /^https?:/.test(data)) location.replace(data);
    });
    document.body.append(box);
    phone.onchange = arrange;
    arrange();
  }
  // Hidden, not removed: the conversation goes on.
  box.style.display = open ? "flex" : "none";
  launcher.style.display = open ? "none" : "block";
  (open ? closer : launcher).focus();
}

const begin = () => document.body.append(launcher);
if (document.body) begin();
else addEventListener("DOMContentLoaded", begin);
