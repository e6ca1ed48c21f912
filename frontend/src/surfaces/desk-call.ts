// The panel of a call: what changed is said, keys are sent one after the other, and what somebody has open in it stays open.
import { say } from "../parts/announcer.ts";
import { all, csrfToken, fill, one } from "../parts/dom.ts";
import type { DeskTelephone, Standing } from "./desk-telephone.ts";

const KEYS = /^[0-9*#]$/;

/** Keys on their way. They go out together while an answer is awaited, and never overtake each other. */
export class KeySender {
  private waiting = "";
  private busy = false;

  constructor(private readonly send: (keys: string) => Promise<boolean>) {}

  async press(key: string): Promise<void> {
    this.waiting += key;
    if (this.busy) return;
    this.busy = true;
    while (this.waiting) {
      const keys = this.waiting.slice(0, 32);
      this.waiting = this.waiting.slice(32);
      if (!(await this.send(keys))) this.waiting = "";
    }
    this.busy = false;
  }
}

async function post(url: string, fields: Record<string, string>): Promise<Response | null> {
  return fetch(url, {
    method: "POST",
    body: new URLSearchParams(fields),
    headers: { "X-CSRFToken": csrfToken(), "HX-Request": "true" },
  }).catch(() => null);
}

const senders = new WeakMap<Element, KeySender>();

function senderOf(pad: HTMLElement): KeySender {
  const known = senders.get(pad);
  if (known) return known;
  const made = new KeySender(async (keys) => {
    const answer = await post(pad.dataset["pad"] ?? "", { keys });
    const sent = one<HTMLElement>("[data-pad-sent]", pad);
    if (answer?.ok && sent) sent.textContent = `${sent.textContent ?? ""}${keys}`.slice(-24);
    if (!answer?.ok) {
      const words = new DOMParser().parseFromString((await answer?.text()) ?? "", "text/html").body
        .textContent;
      say(words?.trim() ?? "", "assertive");
    }
    return Boolean(answer?.ok);
  });
  senders.set(pad, made);
  return made;
}

function startKeypad(): void {
  document.addEventListener("click", (event) => {
    const key = (event.target as Element).closest<HTMLButtonElement>("[data-pad] button[name=keys]");
    const pad = key?.closest<HTMLElement>("[data-pad]");
    if (!key || !pad) return;
    event.preventDefault();
    void senderOf(pad).press(key.value);
  });
  document.addEventListener("keydown", (event) => {
    const pad = (event.target as Element).closest?.("#keypad")?.querySelector<HTMLElement>("[data-pad]");
    if (!pad || !KEYS.test(event.key) || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    void senderOf(pad).press(event.key);
  });
}

/** A menu whose form was taken is done with: nobody asks the same person twice by what it still says. */
export function closeDone(form: Element | null): void {
  const menu = form?.closest<HTMLDetailsElement>("details.menu-form[open]");
  if (menu) menu.open = false;
}

/** What is open in the panel goes over into its new self, with all that was typed. */
export function carryOver(old: Element, fresh: Element): void {
  for (const open of all<HTMLDetailsElement>("details[open][id]", old)) {
    fresh.querySelector(`#${CSS.escape(open.id)}`)?.replaceWith(open);
  }
}

const GRADED = ["good", "fair", "poor"];

function drawQuality({ on, grade, details }: Standing): void {
  const place = one<HTMLElement>("[data-quality]");
  const chip = one<HTMLElement>("#telephone-state");
  if (!place || !chip) return;
  const told = on && GRADED.includes(grade);
  place.hidden = !told;
  if (!told) return;
  place.dataset["quality"] = grade;
  const words = one("[data-quality-words]", place);
  const text = chip.dataset[`words${grade.charAt(0).toUpperCase()}${grade.slice(1)}`] ?? "";
  if (words && words.textContent !== text) words.textContent = text;
  if (details)
    place.title = fill(chip.dataset["wordsDetails"] ?? "", {
      loss: details.loss.toFixed(1),
      jitter: Math.round(details.jitter),
      trip: details.trip === null ? "-" : Math.round(details.trip),
    });
}

export function startCallPanel(telephone: DeskTelephone | null): void {
  let said = "";
  let about = "";
  let standing: Standing | null = null;
  startKeypad();
  const look = () => {
    const bar = one<HTMLElement>(".callbar");
    const words = bar?.dataset["said"] ?? "";
    const call = bar?.dataset["call"] ?? "";
    // A call that is opened is seen and read; what changes in it is said.
    if (words && words !== said && call === about) say(words);
    if (said && !words && about) telephone?.ask("look");
    [said, about] = [words, call];
    if (standing) drawQuality(standing);
  };
  look();
  document.addEventListener("htmx:afterSettle", look);
  document.addEventListener("htmx:oobAfterSwap", look);
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    const { elt, xhr } = (event as CustomEvent<{ elt: Element; xhr: XMLHttpRequest }>).detail;
    if (xhr.status < 300) closeDone(elt);
  });
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const { target, fragment } = (event as CustomEvent<{ target: HTMLElement; fragment: DocumentFragment }>)
      .detail;
    const active = document.activeElement as HTMLElement | null;
    if (target.id !== "call") return;
    carryOver(target, fragment.firstElementChild ?? target);
    if (active && !active.isConnected) queueMicrotask(() => active.focus());
  });
  // Who accepted, muted or held on this page tells the telephone, which may be in another tab.
  document.addEventListener("htmx:afterRequest", (event) => {
    const { pathInfo, successful } = (
      event as CustomEvent<{ pathInfo?: { requestPath: string }; successful?: boolean }>
    ).detail;
    const path = pathInfo?.requestPath ?? "";
    if (successful && /\/accept$|\/call\/[a-z-]+$/.test(path)) telephone?.ask("look");
  });
  telephone?.onStanding((now) => {
    standing = now;
    drawQuality(now);
  });
}
