// A resident's call from a page: one button asks for the microphone and calls, keys go to the menu, one button ends it. Each
// trouble is told with what can be done about it; the other ways stay on the page all the time.
import { say } from "../parts/announcer.ts";
import { all, fill, isTyping, one } from "../parts/dom.ts";
import { clock, GuestCall, guestLine } from "../parts/guest-call.ts";
import type { Quality, Talk } from "../parts/phone.ts";
import { canTalk, closeStream, openMicrophone, troubleOf } from "../parts/phone-devices.ts";

type Words = Record<string, string>;
type Shown = "idle" | "connecting" | "talking" | "lost" | "over" | "problem";

const PRESSED = 180;

export class CallPage {
  private readonly words: Words;
  private readonly begin: HTMLButtonElement;
  private readonly mute: HTMLButtonElement;
  private readonly end: HTMLButtonElement;
  private guest: GuestCall | null = null;
  private ticking: ReturnType<typeof setInterval> | undefined;

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
    addEventListener("pagehide", () => this.guest?.leave());
  }

  private part<T extends HTMLElement>(name: string): T {
    const found = one<T>(`[data-call-${name}]`, this.root);
    if (!found) throw new Error(`the page has no ${name}`);
    return found;
  }

  private get talk(): Talk | null {
    return this.guest?.talk ?? null;
  }

  private async call(): Promise<void> {
    if (this.guest) return;
    const guest = new GuestCall(guestLine(this.root.dataset["call"] ?? ""), {
      stands: (talk) => (talk.state === "lost" ? this.show("lost", "lost") : this.talking(talk)),
      over: () => this.hangUp(),
      failed: (key, words) => this.fail(key, words),
      heard: (quality) => this.heard(quality),
    });
    this.guest = guest;
    this.busy(true);
    this.show("connecting", "asking");
    let stream: MediaStream;
    try {
      stream = await openMicrophone("");
    } catch (error) {
      if (this.guest === guest) this.fail(`microphone-${troubleOf(error)}`);
      return;
    }
    if (this.guest !== guest) {
      closeStream(stream);
      return;
    }
    this.show("connecting", "connecting");
    await guest.start(stream);
  }

  private talking(talk: Talk): void {
    if (talk.state !== "talking") return;
    this.busy(false);
    this.inCall(true);
    this.show("talking", "talking");
    this.ticking ??= setInterval(() => this.tick(), 1000);
    this.tick();
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
    clearInterval(this.ticking);
    this.ticking = undefined;
    this.guest?.stop();
    this.guest = null;
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
