// The button and the frame that the embeddable script puts into another site's page.

interface Offer {
  open: boolean;
  label: string;
  wait: string;
  title: string;
  close: string;
  unread: string;
  own_window: string;
}

// What is shown when our server cannot be asked: the button must not hang on it.
const PLAIN: Offer = {
  open: true,
  label: "Chat",
  wait: "",
  title: "Chat",
  close: "Close",
  unread: "New message",
  own_window: "Open in a new window",
};

const OPEN = "civicline:widget-open";

const STYLE = `
:host { all: initial; }
* { box-sizing: border-box; }
.button, .panel { position: fixed; inset-block-end: 16px; inset-inline-end: 16px; z-index: 2147483000; }
.button { display: inline-flex; align-items: center; gap: 10px; min-block-size: 56px; max-inline-size: calc(100vw - 32px); padding: 8px 22px;
  border: 2px solid #fff; border-radius: 28px; background: #0b5266; color: #fff; font: 600 18px/1.25 system-ui, sans-serif; cursor: pointer; text-align: start; }
.button:hover { background: #083f4f; }
.button small { display: block; font: 400 15px/1.25 system-ui, sans-serif; }
.button svg { flex: none; inline-size: 26px; block-size: 26px; fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; }
.button:focus-visible, .bar button:focus-visible, .bar a:focus-visible { outline: 3px solid #16191d; box-shadow: 0 0 0 6px #f6c445; outline-offset: 0; }
.dot { display: inline-block; min-inline-size: 24px; padding: 2px 7px; border-radius: 12px; background: #f6c445; color: #16191d; font: 700 15px/20px system-ui, sans-serif; text-align: center; }
.panel { display: flex; flex-direction: column; inline-size: min(420px, calc(100vw - 32px)); block-size: min(720px, calc(100vh - 32px)); block-size: min(720px, calc(100dvh - 32px));
  background: #fff; color: #16191d; border: 2px solid #0b5266; border-radius: 12px; overflow: clip; box-shadow: 0 6px 24px rgb(0 0 0 / .22); }
.bar { display: flex; align-items: center; justify-content: space-between; gap: 8px; padding: 4px 4px 4px 14px; background: #0b5266; color: #fff; font: 600 16px/1.3 system-ui, sans-serif; }
.bar span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.bar nav { display: flex; flex: none; }
.bar button, .bar a { display: grid; place-items: center; inline-size: 44px; block-size: 44px; border: 0; border-radius: 6px; background: none; color: #fff; cursor: pointer; }
.bar svg { inline-size: 22px; block-size: 22px; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
iframe { flex: 1; inline-size: 100%; border: 0; background: #f6f4ef; }
[hidden] { display: none !important; }
@media (max-width: 520px), (max-height: 480px) { .panel { inset: 0; inline-size: 100%; block-size: 100%; border: 0; border-radius: 0; } }
@media (forced-colors: active) { .button, .panel { border: 2px solid ButtonText; } }
@media print { .button, .panel { display: none; } }
`;

const SPEECH =
  "M4 4.5h12a1.5 1.5 0 0 1 1.5 1.5v7a1.5 1.5 0 0 1-1.5 1.5H9.5L6 17.5v-3H4A1.5 1.5 0 0 1 2.5 13V6A1.5 1.5 0 0 1 4 4.5Z";
const CROSS = "m5 5 10 10M15 5 5 15";
const OUTWARD = "M11 4h5v5M16 4l-7 7M8 5H4.5v10.5H15V12";

function drawing(path: string): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Record<string, string>,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** A style sheet without a style element: a strict content security policy of the host page allows it. */
function dress(root: ShadowRoot): void {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
  } catch {
    root.append(element("style", {}, STYLE)); // a browser of before 2023
  }
}

export class Widget {
  private readonly origin: string;
  private readonly service: string;
  private readonly language: string;
  private readonly host = element("div", { "data-civicline-widget": "" });
  private offer: Offer = PLAIN;
  private button!: HTMLButtonElement;
  private dot!: HTMLSpanElement;
  private panel!: HTMLElement;
  private frame: HTMLIFrameElement | null = null;

  constructor(script: HTMLScriptElement) {
    this.origin = new URL(script.src).origin;
    this.service = script.dataset["service"] ?? "";
    this.language = (script.dataset["lang"] ?? document.documentElement.lang ?? "").slice(0, 12);
  }

  async start(): Promise<void> {
    this.offer = await this.ask();
    this.build();
    if (remembered()) this.open(false);
  }

  private address(path: string, more: Record<string, string>): string {
    const url = new URL(path, this.origin);
    const query = {
      ...(this.service && { service: this.service }),
      ...(this.language && { lang: this.language }),
      ...more,
    };
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return url.href;
  }

  private async ask(): Promise<Offer> {
    try {
      const answer = await fetch(this.address("/chat/offer.json", {}), { credentials: "omit" });
      if (answer.ok) return { ...PLAIN, ...((await answer.json()) as Offer) };
    } catch {
      // Unreachable just now, or this site is not among those that may ask: the button still opens the chat.
    }
    return PLAIN;
  }

  private build(): void {
    const root = this.host.attachShadow({ mode: "open" });
    dress(root);
    const { label, wait, title, close, own_window } = this.offer;
    const words = element("span", {}, label);
    if (wait) words.append(element("small", {}, wait));
    this.dot = element("span", { class: "dot", hidden: "" });
    this.button = element(
      "button",
      { class: "button", type: "button", "aria-expanded": "false", "aria-haspopup": "dialog" },
      drawing(SPEECH),
      words,
      this.dot,
    );
    this.button.addEventListener("click", () => this.open(true));
    const closing = element("button", { type: "button", "aria-label": close, title: close }, drawing(CROSS));
    closing.addEventListener("click", () => this.close());
    const outside = element(
      "a",
      {
        href: this.address("/chat/", {}),
        target: "_blank",
        rel: "noopener",
        "aria-label": own_window,
        title: own_window,
      },
      drawing(OUTWARD),
    );
    const bar = element(
      "div",
      { class: "bar" },
      element("span", {}, title),
      element("nav", {}, outside, closing),
    );
    this.panel = element("div", { class: "panel", role: "dialog", "aria-label": title, hidden: "" }, bar);
    this.panel.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
    });
    if (this.language) this.host.lang = this.language;
    this.host.dir = getComputedStyle(document.documentElement).direction;
    root.append(this.button, this.panel);
    document.body.append(this.host);
    window.addEventListener("message", (event) => this.hear(event));
  }

  private open(byHand: boolean): void {
    if (!this.frame) {
      const src = this.address("/chat/", { embed: "1", parent: location.origin });
      this.frame = element("iframe", { src, title: this.offer.title, allow: "clipboard-write" });
      this.panel.append(this.frame);
    }
    this.panel.hidden = false;
    this.button.hidden = true;
    this.button.setAttribute("aria-expanded", "true");
    this.showUnread(0);
    remember(true);
    // The frame takes the focus only when a person asked for it, never when a page opens by itself.
    if (byHand) this.frame.focus();
  }

  private close(): void {
    this.panel.hidden = true;
    this.button.hidden = false;
    this.button.setAttribute("aria-expanded", "false");
    remember(false);
    this.button.focus();
  }

  private hear(event: MessageEvent): void {
    if (event.origin !== this.origin || !this.frame || event.source !== this.frame.contentWindow) return;
    const word = event.data as { civicline?: string; count?: number };
    if (word.civicline === "close") this.close();
    else if (word.civicline === "unread" && this.panel.hidden) this.showUnread(Number(word.count) || 0);
  }

  private showUnread(count: number): void {
    this.dot.hidden = count === 0;
    this.dot.textContent = count === 0 ? "" : String(count);
    this.dot.setAttribute("aria-label", count === 0 ? "" : `${this.offer.unread}: ${count}`);
  }
}

/** Whether the chat was open on the page before: it is open on the next one too. */
function remembered(): boolean {
  try {
    return sessionStorage.getItem(OPEN) === "1";
  } catch {
    return false;
  }
}

function remember(open: boolean): void {
  try {
    if (open) sessionStorage.setItem(OPEN, "1");
    else sessionStorage.removeItem(OPEN);
  } catch {
    return; // a private window keeps nothing; the button is there
  }
}
