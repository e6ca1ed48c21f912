// The two pictures of a call on a resident's page, and everything that is told in them: nothing has to be heard.
import { one } from "../parts/dom.ts";
import { PictureWatch } from "../parts/picture-watch.ts";

export interface Told {
  phase: "calling" | "waiting" | "ringing" | "talking" | "held" | "over";
  title: string;
  text: string;
  /** The agent's picture: to be seen, turned off by them, or not there at all. */
  picture: "on" | "off" | "none";
  may_waive: boolean;
  waived?: boolean;
  lines: { number: number; side: "me" | "them"; who: string; text: string }[];
}

const FLASHES = 2_400; // milliseconds

export class VideoStage {
  readonly them: HTMLVideoElement;
  readonly me: HTMLVideoElement;
  private readonly watch: PictureWatch;
  private told: Told | null = null;
  private lost = false;

  constructor(
    private readonly root: HTMLElement,
    private readonly words: Record<string, string>,
  ) {
    this.them = this.part<HTMLVideoElement>("them");
    this.me = this.part<HTMLVideoElement>("me");
    this.watch = new PictureWatch(this.them, () => this.draw());
  }

  part<T extends HTMLElement>(name: string): T {
    const found = one<T>(`[data-video-${name}]`, this.root);
    if (!found) throw new Error(`the page has no ${name}`);
    return found;
  }

  /** Their picture; null while there is none. */
  see(stream: MediaStream | null): void {
    if (this.them.srcObject === stream) return;
    this.them.srcObject = stream;
    if (stream) {
      void this.them.play?.().catch(() => {});
      this.watch.start();
    } else this.watch.stop();
    this.draw();
  }

  /** One's own picture; null while the camera is off. */
  seeMe(track: MediaStreamTrack | null, inUse: boolean): void {
    this.me.srcObject = track ? new MediaStream([track]) : null;
    if (track) void this.me.play?.().catch(() => {});
    this.part("you").hidden = !inUse;
    this.part("me-off").hidden = track !== null;
    this.me.hidden = track === null;
  }

  mirror(on: boolean): void {
    this.me.toggleAttribute("data-mirrored", on);
  }

  /** The network is away, or back. */
  lose(lost: boolean): void {
    this.lost = lost;
    this.draw();
  }

  tell(told: Told | null): void {
    const connected =
      told?.phase === "talking" && this.told?.phase !== "talking" && this.told?.phase !== "held";
    this.told = told;
    this.draw();
    if (connected) this.flash();
  }

  get phase(): string {
    return this.told?.phase ?? "idle";
  }

  private draw(): void {
    const { told } = this;
    const talks = told?.phase === "talking";
    const seen = talks && told.picture === "on" && this.watch.moves;
    this.root.dataset["phase"] = told?.phase ?? "idle";
    this.them.hidden = !talks || told.picture !== "on" || !this.them.srcObject;
    this.part("told").hidden = seen || told === null;
    this.part("title").textContent = told?.title ?? "";
    this.part("text").textContent = told?.text ?? "";
    const sign = this.part("sign");
    const words = this.signOf(talks);
    sign.hidden = words === "";
    if (sign.textContent !== words) sign.textContent = words;
  }

  /** The sign across the picture: why there is none, or why it stands still. */
  private signOf(talks: boolean): string {
    if (this.lost) return this.words["lost"] ?? "";
    if (!talks) return "";
    if (this.told?.picture === "off") return this.words["they-off"] ?? "";
    if (this.told?.picture === "none") return this.words["they-none"] ?? "";
    const began = this.them.srcObject !== null && this.them.currentTime > 0;
    return began && !this.watch.moves ? (this.words["they-still"] ?? "") : "";
  }

  /** Seen without being heard: the frame lights up and the telephone in the hand shakes. */
  private flash(): void {
    const stage = this.part("stage");
    stage.setAttribute("data-flash", "");
    setTimeout(() => stage.removeAttribute("data-flash"), FLASHES);
    navigator.vibrate?.([200, 100, 200]);
  }
}
