// An offer rings in one tab only: the one that was used last. The sound says nothing that is not on the screen.
import { one } from "../parts/dom.ts";
import type { Sound, Speaker } from "../parts/sound.ts";

type Told = { tab: string; at: number };

export class Ringer {
  private ringing = "";
  private readonly tab = crypto.randomUUID?.() ?? String(Math.random());
  private usedAt = document.hasFocus() ? Date.now() : 0;
  private readonly others = new Map<string, number>();
  private readonly channel: BroadcastChannel | null;

  constructor(private readonly speaker: Speaker) {
    this.channel =
      typeof BroadcastChannel === "function" ? new BroadcastChannel("civicline:desk:tabs") : null;
    if (this.channel) {
      this.channel.onmessage = (event: MessageEvent<Told | "who">) => {
        if (event.data === "who") this.tell();
        else if (event.data.at < 0) this.others.delete(event.data.tab);
        else this.others.set(event.data.tab, event.data.at);
        this.look();
      };
      this.channel.postMessage("who");
    }
    const used = () => {
      this.usedAt = Date.now();
      this.tell();
      this.look();
    };
    window.addEventListener("focus", used);
    window.addEventListener("pagehide", () =>
      this.channel?.postMessage({ tab: this.tab, at: -1 } satisfies Told),
    );
    this.tell();
  }

  /** Whether this tab is the one that was used last (ties go to the smaller name). */
  get isLoud(): boolean {
    return [...this.others].every(([tab, at]) => at < this.usedAt || (at === this.usedAt && tab > this.tab));
  }

  /** Ring, or fall silent, by what the page shows now. */
  look(): void {
    const offer = one<HTMLElement>("[data-offer]");
    const wanted = offer && this.isLoud ? (offer.dataset["offer"] ?? "") : "";
    document.documentElement.dataset["ringing"] = wanted ? "yes" : "no";
    if (wanted === this.ringing) return;
    this.speaker.stopAll();
    this.ringing = wanted;
    if (wanted) this.speaker.play(this.sound(offer?.dataset["live"] ?? ""));
  }

  private sound(kind: string): Sound {
    if (kind === "emergency") return "emergency";
    return kind === "voice" ? "offer-voice" : "offer-written";
  }

  private tell(): void {
    this.channel?.postMessage({ tab: this.tab, at: this.usedAt } satisfies Told);
  }
}
