// The ring of an offer: it shrinks linearly, the number says the seconds. Announced at the start and at five seconds only.
import { say } from "./announcer.ts";
import { all, lessMotion, one } from "./dom.ts";

export interface CountdownWords {
  /** Said once when it starts, for example "Chat, Council tax. 20 seconds to answer." */
  start?: string;
  /** Said once at five seconds. */
  last?: string;
}

export class Countdown {
  private readonly endsAt: number;
  private timer: ReturnType<typeof setInterval> | undefined;
  private lastSaid = false;
  private shown = -1;

  constructor(
    private readonly element: HTMLElement,
    private readonly words: CountdownWords = {},
    private readonly now: () => number = () => Date.now(),
  ) {
    this.endsAt = this.now() + Number(element.dataset["countdown"] ?? 0) * 1000;
  }

  start(): this {
    if (this.words.start) say(this.words.start, "assertive");
    this.animate();
    this.draw();
    this.timer = setInterval(() => this.draw(), 250);
    return this;
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Whole seconds left, rounded up: the last second is a whole one. */
  left(): number {
    return Math.max(0, Math.ceil((this.endsAt - this.now()) / 1000));
  }

  private animate(): void {
    const ring = one<SVGCircleElement>(".ring-left", this.element);
    if (!ring || lessMotion() || typeof ring.animate !== "function") return;
    const remaining = Math.max(0, this.endsAt - this.now());
    ring.animate([{}, { strokeDashoffset: "100" }], {
      duration: remaining,
      easing: "linear",
      fill: "forwards",
    });
  }

  private draw(): void {
    if (!this.element.isConnected) {
      this.stop();
      return;
    }
    const left = this.left();
    if (left === this.shown) return;
    this.shown = left;
    const number = one<HTMLElement>("[data-countdown-number]", this.element);
    if (number) number.textContent = String(left);
    if (left <= 5) this.element.closest(".offer")?.classList.add("offer-last");
    if (left <= 5 && !this.lastSaid) {
      this.lastSaid = true;
      if (this.words.last) say(this.words.last, "assertive");
    }
    if (left === 0) {
      this.stop();
      this.element.dispatchEvent(new CustomEvent("countdown:over", { bubbles: true }));
    }
  }
}

const running = new WeakSet<Element>();

export function startCountdowns(root: ParentNode): void {
  for (const element of all<HTMLElement>("[data-countdown]", root)) {
    if (running.has(element)) continue;
    running.add(element);
    new Countdown(element, {
      start: element.dataset["sayStart"] ?? "",
      last: element.dataset["sayLast"] ?? "",
    }).start();
  }
}
