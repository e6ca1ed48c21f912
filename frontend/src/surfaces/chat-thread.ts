// The conversation on the page: what the server drew, in the order it tells, and below it what waits to be sent.
import { all, fill, icon, one } from "../parts/dom.ts";
import type { Waiting } from "./chat-outbox.ts";

export interface Entry {
  id: string;
  side: string;
  html: string;
}

/** What the server tells after a hint. Its parts are drawn from the same templates as the page. */
export interface News {
  after: number;
  entries: Entry[];
  order: string[];
  keys: string[];
  states: Record<string, { state: string; html: string }>;
  phase: string;
  position: number | null;
  wait: [number, number] | null;
  title: string;
  agent: string;
  head: string;
  place: string;
  open: boolean;
}

export type Words = Record<string, string>;

export interface Deeds {
  retry(key: string): void;
  remove(key: string): void;
}

function drawn(html: string): Element | null {
  const template = document.createElement("template");
  template.innerHTML = html; // made by our own server from our own templates, which escape what people wrote
  return template.content.firstElementChild;
}

/** Replace what is inside `place` when it differs; the focus stays on the same link or goes to the place itself. */
export function renew(place: HTMLElement, html: string): boolean {
  if (place.dataset["drawn"] === html) return false;
  place.dataset["drawn"] = html;
  const focused = place.contains(document.activeElement) ? document.activeElement : null;
  const target = focused?.getAttribute("href");
  place.innerHTML = html;
  if (focused) {
    const again = all<HTMLElement>("a, button", place).find((one) => one.getAttribute("href") === target);
    (again ?? document.getElementById("chat-h")?.parentElement?.querySelector<HTMLElement>("a"))?.focus();
  }
  return true;
}

export class Thread {
  after: number;

  constructor(
    private readonly list: HTMLElement,
    private readonly words: Words,
    private readonly deeds: Deeds,
  ) {
    this.after = Number(list.dataset["after"] ?? 0);
  }

  /** Add what is new, put all in the server's order, show what became of one's own messages. How many came from others. */
  apply(news: News): number {
    let fromOthers = 0;
    for (const entry of news.entries) {
      if (document.getElementById(entry.id)) continue;
      const item = drawn(entry.html);
      if (!item) continue;
      this.list.append(item);
      if (entry.side === "them") fromOthers += 1;
    }
    this.arrange(news.order);
    for (const [id, { state, html }] of Object.entries(news.states)) this.showState(id, state, html);
    this.after = Math.max(this.after, news.after);
    this.list.dataset["after"] = String(this.after);
    return fromOthers;
  }

  private arrange(order: readonly string[]): void {
    let before: Element | null = null;
    for (const id of order) {
      const item = document.getElementById(id);
      if (!item || item.parentElement !== this.list) continue;
      const place: Element | null = before ? before.nextElementSibling : this.list.firstElementChild;
      if (place !== item) this.list.insertBefore(item, place);
      before = item;
    }
  }

  private showState(id: string, state: string, html: string): void {
    const old = one<HTMLElement>(`#${CSS.escape(id)} .delivery`);
    if (!old || old.dataset["state"] === state) return;
    const fresh = drawn(html);
    if (!(fresh instanceof HTMLElement)) return;
    fresh.dataset["state"] = state;
    if (old.textContent?.trim() !== fresh.textContent?.trim()) old.replaceWith(fresh);
    else old.dataset["state"] = state;
  }

  /** Show what waits, below everything that the server has. */
  showWaiting(waiting: readonly Waiting[], connected: boolean): void {
    const keys = new Set(waiting.map((entry) => entry.key));
    for (const item of all<HTMLElement>("[data-key-of]", this.list)) {
      if (!keys.has(item.dataset["keyOf"] ?? "")) item.remove();
    }
    for (const entry of waiting) {
      const old = all<HTMLElement>("[data-key-of]", this.list).find(
        (item) => item.dataset["keyOf"] === entry.key,
      );
      const item = this.pending(entry, connected);
      if (old && old.dataset["look"] === item.dataset["look"]) this.list.append(old);
      else {
        old?.remove();
        this.list.append(item);
      }
    }
  }

  private pending(entry: Waiting, connected: boolean): HTMLElement {
    const item = document.createElement("li");
    item.className = "msg msg-me msg-pending";
    item.dataset["keyOf"] = entry.key;
    item.dataset["look"] = `${entry.problem}|${connected}`;
    const state = document.createElement("p");
    state.className = "who";
    const note = document.createElement("span");
    note.className = entry.problem ? "delivery delivery-bad" : "delivery";
    const words = entry.problem
      ? `${this.words["failed"]} ${entry.problem}`
      : (this.words[connected ? "sending" : "queued"] ?? "");
    note.append(icon(entry.problem ? "critical" : connected ? "send" : "clock"), words);
    state.append(note);
    const bubble = document.createElement("div");
    bubble.className = "bubble";
    bubble.dir = "auto";
    const said = document.createElement("div");
    said.className = "said";
    said.textContent = [entry.body, ...entry.files.map((file) => `[${file.name}]`)]
      .filter(Boolean)
      .join("\n");
    bubble.append(said);
    const body = document.createElement("div");
    body.className = "msg-body";
    body.append(state, bubble);
    if (entry.problem) body.append(this.buttons(entry));
    // While it is on its way it is not read out: the message itself is, when the server has it.
    else item.setAttribute("aria-hidden", "true");
    item.append(body);
    return item;
  }

  private buttons(entry: Waiting): HTMLElement {
    const row = document.createElement("p");
    row.className = "row msg-pending-do";
    const button = (words: string, act: () => void) => {
      const made = document.createElement("button");
      made.type = "button";
      made.className = "btn";
      made.textContent = words;
      made.addEventListener("click", act);
      return made;
    };
    row.append(
      button(this.words["again"] ?? "", () => this.deeds.retry(entry.key)),
      button(this.words["remove"] ?? "", () => this.deeds.remove(entry.key)),
    );
    return row;
  }
}

export function named(pattern: string | undefined, name: string): string {
  return fill(pattern ?? "", { name });
}
