// One line on another site: <script src="https://.../widget.js" data-service="council-tax" data-label="Chat with us" async></script>
// It draws a button and, when pressed, our chat in a frame. Closed shadow, no global names, no style of the host page touched.

interface FrameMessage {
  civicline: "close" | "unread";
  count?: number;
}

const script = document.currentScript as HTMLScriptElement | null;
if (script) {
  if (document.body) start(script);
  else document.addEventListener("DOMContentLoaded", () => start(script), { once: true });
}

const STYLE = `
:host { all: initial; position: fixed; inset-block-end: 16px; inset-inline-end: 16px; z-index: 2147483000; font: 600 17px/1.2 system-ui, sans-serif; }
button { display: flex; align-items: center; gap: 10px; min-block-size: 52px; padding: 0 20px; border: 2px solid #fff; border-radius: 999px; background: #0b5366; color: #fff; font: inherit; cursor: pointer; box-shadow: 0 2px 6px rgb(20 32 42 / .2), 0 12px 32px rgb(20 32 42 / .22); }
button:hover { background: #08414f; }
button:focus-visible { outline: 3px solid #0b141a; box-shadow: 0 0 0 6px #ffc83d; }
svg { inline-size: 22px; block-size: 22px; fill: none; stroke: currentColor; stroke-width: 1.6; stroke-linecap: round; stroke-linejoin: round; }
b { min-inline-size: 22px; border-radius: 11px; background: #ffc83d; color: #14202a; line-height: 22px; text-align: center; }
iframe { display: block; inline-size: min(420px, calc(100vw - 32px)); block-size: min(680px, calc(100vh - 104px)); margin-block-end: 12px; border: 1px solid #cbc8be; border-radius: 16px; background: #fff; box-shadow: 0 2px 6px rgb(20 32 42 / .1), 0 18px 48px rgb(20 32 42 / .18); }
[hidden] { display: none; }
@media (max-width: 480px) { :host([open]) { inset: 0; } :host([open]) iframe { inline-size: 100vw; block-size: 100%; margin: 0; border: 0; border-radius: 0; } :host([open]) button { display: none; } }
@media (forced-colors: active) { button, iframe { border: 2px solid ButtonText; } }
`;

function start(from: HTMLScriptElement): void {
  const origin = new URL(from.src).origin;
  const { service = "", language = "", label = "Chat with us", close = "Close the chat" } = from.dataset;
  const host = document.createElement("civicline-chat");
  const shadow = host.attachShadow({ mode: "closed" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  shadow.adoptedStyleSheets = [sheet];

  const button = document.createElement("button");
  button.type = "button";
  button.setAttribute("aria-expanded", "false");
  const words = document.createElement("span");
  words.textContent = label;
  const count = document.createElement("b");
  count.hidden = true;
  button.append(bubble(), words, count);
  shadow.append(button);
  document.body.append(host);

  let frame: HTMLIFrameElement | null = null;
  const show = (open: boolean) => {
    if (open && !frame) {
      const address = new URL("/chat/embed", origin);
      if (service) address.searchParams.set("service", service);
      if (language) address.searchParams.set("language", language);
      frame = document.createElement("iframe");
      frame.title = label;
      frame.src = address.href;
      frame.allow = "clipboard-write";
      shadow.prepend(frame);
    }
    if (frame) frame.hidden = !open;
    host.toggleAttribute("open", open);
    button.setAttribute("aria-expanded", String(open));
    words.textContent = open ? close : label;
    if (open) {
      count.hidden = true;
      frame?.focus();
    } else button.focus();
  };
  button.addEventListener("click", () => show(button.getAttribute("aria-expanded") !== "true"));
  addEventListener("message", (event: MessageEvent<FrameMessage>) => {
    // Only our own frame, from our own origin, is listened to.
    if (event.origin !== origin || event.source !== frame?.contentWindow) return;
    if (event.data.civicline === "close") show(false);
    if (event.data.civicline === "unread" && !host.hasAttribute("open")) {
      count.textContent = String(Math.min(99, event.data.count ?? 1));
      count.hidden = false;
    }
  });
}

function bubble(): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", "M3 4.5h14v9.2H9.2L5.4 17v-3.3H3ZM6.5 7.8h7M6.5 10.6h4.5");
  svg.append(path);
  return svg;
}
