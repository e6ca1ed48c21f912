// The one bar under the top bar. It shows after five seconds without a connection, and on return says what was sent.

import { say } from "./announcer.ts";
import { fill, one } from "./dom.ts";
import type { LiveState } from "./live.ts";

const BACK_FOR = 4_000; // milliseconds

export class OfflineBar {
  private sentWhileAway = 0;
  private hideTimer: ReturnType<typeof setTimeout> | undefined;
  private readonly lostWords: Node[];

  constructor(private readonly bar: HTMLElement | null = one<HTMLElement>("[data-offline]")) {
    this.lostWords = [...(this.text()?.childNodes ?? [])];
  }

  /** A message that was kept while offline has now gone out. */
  sent(count = 1): void {
    this.sentWhileAway += count;
  }

  show(state: LiveState): void {
    if (!this.bar) return;
    clearTimeout(this.hideTimer);
    if (state === "offline") {
      this.sentWhileAway = 0;
      this.bar.classList.remove("is-back");
      this.text()?.replaceChildren(...this.lostWords);
      this.bar.hidden = false;
      say(this.bar.textContent?.trim() ?? "");
    } else if (state === "live" && !this.bar.hidden) {
      this.back(this.bar);
    }
  }

  private back(bar: HTMLElement): void {
    const { back = "", sentOne = "", sentMany = "" } = bar.dataset;
    const count = this.sentWhileAway;
    const more = count === 0 ? "" : count === 1 ? ` ${sentOne}` : ` ${fill(sentMany, { count })}`;
    const text = this.text();
    if (text) text.textContent = back + more;
    bar.classList.add("is-back");
    say(back + more);
    this.hideTimer = setTimeout(() => {
      bar.hidden = true;
    }, BACK_FOR);
  }

  private text(): HTMLElement | null {
    return this.bar ? one<HTMLElement>("p", this.bar) : null;
  }
}
