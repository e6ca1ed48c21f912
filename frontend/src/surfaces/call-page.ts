// A resident's call from a page: one button asks for the microphone and calls, keys go to the menu, one button ends it. Each
// trouble is told with what can be done about it; the other ways stay on the page all the time.
import { say } from "../parts/announcer.ts";
import { all, csrfToken, fill, isTyping, one } from "../parts/dom.ts";
import type { Phone, PhoneState, Quality, Talk, Trouble } from "../parts/phone.ts";
import { canTalk, closeStream, openMicrophone, troubleOf } from "../parts/phone-devices.ts";
import { type AskForLine, type Line, LineRefused } from "../parts/phone-line.ts";

type Words = Record<string, string>;
type Shown = "idle" | "connecting" | "talking" | "lost" | "over" | "problem";

const GIVE_UP = 15_000; // milliseconds until a call that does not come about is told so
const PRESSED = 180;

/** The same visit asks for its line again after a lost network, and gets the same one. */
export function guestLine(url: string, token: () => string): AskForLine {
  let last = "";
  return async () => {
    const body = new URLSearchParams(last ? { again: last } : {});
    const answer = await fetch(url, {
      method: "POST",
      credentials: "same-origin",
      headers: { "X-CSRFToken": token(), Accept: "application/json" },
      body,
    });
    const told = ((await answer.json().catch(() => null)) ?? {}) as Partial<Line> & { detail?: string };
    if (!answer.ok || !told.socket) throw new LineRefused(answer.status, told.detail ?? "");
    last = told.socket;
    return told as Line;
  };
}

export function clock(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

export class CallPage {
  private readonly words: Words;
  private readonly begin: HTMLButtonElement;
  private readonly mute: HTMLButtonElement;
  private readonly end: HTMLButtonElement;
  private phone: Phone | null = null;
  private talk: Talk | null = null;
  private dialled = false;
  private ticking: ReturnType<typeof setInterval> | undefined;
  private patience: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly root: HTMLElement) {
    this.words = JSON.parse(root.dataset["words"] ?? "{}") as Words;
    this.begin = this.part<HTMLButtonElement>("begin");
    this.mute = this.part<HTMLButtonElement>("mute");
    this.end = this.part<HTMLButtonElement>("end");
  }

  start(): void {
    this.root.hidden = false;
    if (!canTalk()) {
      this.begin.hidden = true;
      this.show("problem", isSecureContext ? "no-webrtc" : "insecure");
      return;
    }
    this.begin.addEventListener("click", () => void this.call());
    this.end.addEventListener("click", () => this.hangUp());
    this.mute.addEventListener("click", () => this.turnMute());
    for (const key of all<HTMLButtonElement>("[data-call-key]", this.root)) {
      key.addEventListener("click", () => this.press(key.dataset["callKey"] ?? ""));
    }
    document.addEventListener("keydown", (event) => this.typed(event));
    addEventListener("pagehide", () => this.phone?.leave());
  }

  private part<T extends HTMLElement>(name: string): T {
    const found = one<T>(`[data-call-${name}]`, this.root);
    if (!found) throw new Error(`the page has no ${name}`);
    return found;
  }

  private async call(): Promise<void> {
    if (this.phone || this.begin.getAttribute("aria-disabled") === "true") return;
    this.busy(true);
    this.show("connecting", "asking");
    let stream: MediaStream;
    try {
      stream = await openMicrophone("");
    } catch (error) {
      this.fail(`microphone-${troubleOf(error)}`);
      return;
    }
    this.show("connecting", "connecting");
    try {
      await this.ring(stream);
    } catch (error) {
      closeStream(stream);
      this.fail("failed", error instanceof LineRefused ? error.message : "");
    }
  }

  private async ring(stream: MediaStream): Promise<void> {
    const { Phone: Made } = await import("../parts/phone.ts");
    const ask = guestLine(this.root.dataset["call"] ?? "", csrfToken);
    // The first answer is awaited here, so that a refusal is told in its own words.
    let first: Line | null = await ask();
    this.dialled = false;
    this.phone = new Made({
      register: false,
      line: () => {
        const line = first;
        first = null;
        return line ? Promise.resolve(line) : ask();
      },
      microphone: () => Promise.resolve(stream),
      onState: (state) => this.moved(state),
      onTalk: (talk) => this.changed(talk),
      onQuality: (_talk, quality) => this.heard(quality),
      onTrouble: (trouble, words) => this.trouble(trouble, words),
    });
    this.patience = setTimeout(() => this.fail("failed"), GIVE_UP);
    await this.phone.start();
  }

  private moved(state: PhoneState): void {
    if (state !== "ready" || this.dialled || !this.phone) return;
    this.dialled = true;
    void this.phone.dial();
  }

  private changed(talk: Talk): void {
    if (!this.phone) return;
    this.talk = talk;
    if (talk.state === "talking") this.talking();
    else if (talk.state === "lost") this.show("lost", "lost");
    else if (talk.state === "over") this.over(talk);
  }

  private talking(): void {
    clearTimeout(this.patience);
    this.busy(false);
    this.inCall(true);
    this.show("talking", "talking");
    this.ticking ??= setInterval(() => this.tick(), 1000);
    this.tick();
  }

  private over(talk: Talk): void {
    const was = talk.since !== null;
    const words = was ? "over" : talk.cause === "Busy" ? "busy" : "failed";
    this.stop();
    this.show(was ? "over" : "problem", words);
  }

  private trouble(trouble: Trouble, words: string): void {
    this.fail(trouble === "line-refused" ? "failed" : trouble, words);
  }

  private fail(key: string, words = ""): void {
    this.stop();
    this.show("problem", key, words);
  }

  private hangUp(): void {
    this.stop();
    this.show("over", "over");
  }

  private stop(): void {
    clearTimeout(this.patience);
    clearInterval(this.ticking);
    this.ticking = undefined;
    const { phone } = this;
    this.phone = null;
    this.talk = null;
    phone?.stop();
    const held = this.inside(document.activeElement);
    this.busy(false);
    this.inCall(false);
    this.relabel();
    if (held) this.begin.focus();
  }

  /** After the first call the button says what it does now. */
  private relabel(): void {
    for (const node of this.begin.childNodes) {
      if (node.nodeType === Node.TEXT_NODE && node.textContent?.trim())
        node.textContent = this.words["again"] ?? "";
    }
  }

  private inside(element: Element | null): boolean {
    return element !== null && element !== this.begin && this.root.contains(element);
  }

  private turnMute(): void {
    if (!this.talk) return;
    this.talk.setMuted(!this.talk.muted);
    this.mute.setAttribute("aria-pressed", String(this.talk.muted));
    say(this.words[this.talk.muted ? "muted" : "unmuted"] ?? "");
  }

  private press(key: string): void {
    if (!this.talk?.isOn || !/^[0-9*#]$/.test(key)) return;
    this.talk.press(key);
    say(fill(this.words["pressed"] ?? "", { key }));
    const button = one<HTMLButtonElement>(`[data-call-key="${key}"]`, this.root);
    button?.setAttribute("data-down", "");
    setTimeout(() => button?.removeAttribute("data-down"), PRESSED);
  }

  private typed(event: KeyboardEvent): void {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || isTyping(event.target)) return;
    if (this.talk?.isOn && /^[0-9*#]$/.test(event.key)) {
      event.preventDefault();
      this.press(event.key);
    }
  }

  private heard(quality: Quality): void {
    const hint = this.part("hint");
    hint.textContent = quality.grade === "poor" ? (this.words["poor"] ?? "") : "";
    hint.hidden = quality.grade !== "poor";
  }

  private tick(): void {
    const since = this.talk?.since;
    if (since) this.part("clock").textContent = clock(Date.now() - since);
  }

  private busy(waits: boolean): void {
    if (waits) this.begin.setAttribute("aria-disabled", "true");
    else this.begin.removeAttribute("aria-disabled");
    this.begin.toggleAttribute("data-busy", waits);
    this.end.hidden = !waits;
  }

  private inCall(on: boolean): void {
    const held = on && document.activeElement === this.begin;
    this.begin.hidden = on;
    for (const part of ["mute", "end", "clock", "keys", "keys-hint"]) this.part(part).hidden = !on;
    if (!on) this.part("hint").hidden = true;
    this.mute.setAttribute("aria-pressed", "false");
    if (held) this.end.focus();
  }

  private show(state: Shown, key: string, words = ""): void {
    const place = this.part("state");
    place.dataset["state"] = state;
    place.textContent = words || this.words[key] || "";
    say(place.textContent, state === "problem" ? "assertive" : "polite");
  }
}
