// A recording with its picture: the picture becomes a slider, keys move in it, markers are jumped to. The sound itself is
// a plain <audio>, and the markers are links, so that everything works without this script as well.
import { all, fill, one } from "../parts/dom.ts";

const STEP = 5; // seconds

/** Seconds as a clock that runs: 0:07, 12:30, 1:02:03. */
export function clockWords(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const parts = [Math.floor(whole / 60) % 60, whole % 60];
  const hours = Math.floor(whole / 3600);
  const tail = parts.map((part, at) => (at > 0 || hours > 0 ? String(part).padStart(2, "0") : String(part)));
  return (hours > 0 ? [String(hours), ...tail] : tail).join(":");
}

/** The marker after `now` (or before it), with room for a finger that was slow; null when there is none. */
export function markerBeside(markers: readonly number[], now: number, way: 1 | -1): number | null {
  const found =
    way > 0 ? markers.find((at) => at > now + 0.25) : markers.filter((at) => at < now - 1.5).at(-1);
  return found ?? null;
}

export class Player {
  private readonly sound: HTMLAudioElement;
  private readonly wave: HTMLElement | null;
  private readonly seconds: number;
  private readonly markers: number[];

  constructor(private readonly root: HTMLElement) {
    this.sound = one<HTMLAudioElement>("[data-sound]", root) as HTMLAudioElement;
    this.wave = one<HTMLElement>("[data-wave]", root);
    this.seconds = Number(root.dataset["seconds"]);
    this.markers = all<HTMLElement>("[data-second]", root).map((item) => Number(item.dataset["second"]));
  }

  start(): void {
    this.root.dataset["started"] = "";
    const keys = one<HTMLElement>("[data-player-keys]", this.root);
    if (keys) keys.hidden = false;
    this.startSlider();
    this.root.addEventListener("keydown", (event) => this.press(event));
    document.addEventListener("keydown", (event) => this.pressNowhere(event));
    for (const kind of ["timeupdate", "seeked", "loadedmetadata"])
      this.sound.addEventListener(kind, () => this.draw());
    for (const item of all<HTMLElement>("[data-second]", this.root))
      one("a", item)?.addEventListener("click", (event) => {
        event.preventDefault();
        this.goTo(Number(item.dataset["second"]));
        void this.sound.play();
      });
    this.draw();
  }

  private startSlider(): void {
    const wave = this.wave;
    if (!wave) return;
    wave.tabIndex = 0;
    wave.setAttribute("role", "slider");
    wave.setAttribute("aria-label", this.root.dataset["wordsPicture"] ?? "");
    wave.setAttribute("aria-valuemin", "0");
    wave.setAttribute("aria-valuemax", String(Math.round(this.seconds)));
    let moving = false;
    const follow = (event: PointerEvent) => {
      const box = wave.getBoundingClientRect();
      this.goTo(((event.clientX - box.left) / box.width) * this.seconds);
    };
    wave.addEventListener("pointerdown", (event) => {
      moving = true;
      wave.setPointerCapture?.(event.pointerId);
      follow(event);
    });
    wave.addEventListener("pointermove", (event) => moving && follow(event));
    for (const kind of ["pointerup", "pointercancel"] as const)
      wave.addEventListener(kind, () => {
        moving = false;
      });
  }

  /** On the page of a recording the key that plays works at once, before anything has the focus. */
  private pressNowhere(event: KeyboardEvent): void {
    const { target } = event;
    const nowhere = target === document.body || (target as Element).id === "main";
    if (event.key === " " && nowhere && this.root.closest("[data-player-page]")) this.press(event);
  }

  private press(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target === this.sound) return;
    const now = this.sound.currentTime;
    const beside = (way: 1 | -1) => markerBeside(this.markers, now, way) ?? (way > 0 ? null : 0);
    const deeds: Record<string, () => void> = {
      " ": () => (this.sound.paused ? void this.sound.play() : this.sound.pause()),
      ArrowLeft: () => this.goTo(now - STEP),
      ArrowRight: () => this.goTo(now + STEP),
      ArrowUp: () => this.jump(beside(-1)),
      ArrowDown: () => this.jump(beside(1)),
      Home: () => this.goTo(0),
      End: () => this.goTo(this.seconds),
    };
    const deed = deeds[event.key];
    if (!deed || (event.key === " " && (event.target as Element).closest("a, button"))) return;
    event.preventDefault();
    deed();
  }

  private jump(to: number | null): void {
    if (to !== null) this.goTo(to);
  }

  private goTo(second: number): void {
    this.sound.currentTime = Math.min(Math.max(0, second), this.seconds);
    this.draw();
  }

  /** How far it has come: the picture, the words for those who do not see it, and the marker that was passed last. */
  private draw(): void {
    const now = this.sound.currentTime;
    const x = String(Math.min(1000, (now / this.seconds) * 1000 || 0));
    one("[data-wave-played]", this.root)?.setAttribute("width", x);
    one("[data-wave-played]", this.root)?.setAttribute("viewBox", `0 0 ${Math.max(0.1, Number(x))} 100`);
    for (const end of ["x1", "x2"]) one("[data-wave-now]", this.root)?.setAttribute(end, x);
    this.wave?.setAttribute("aria-valuenow", String(Math.round(now)));
    const words = { at: clockWords(now), length: clockWords(this.seconds) };
    this.wave?.setAttribute("aria-valuetext", fill(this.root.dataset["wordsAt"] ?? "", words));
    const passed = this.markers.filter((at) => at <= now + 0.05).length - 1;
    for (const [at, item] of all("[data-second]", this.root).entries())
      item.classList.toggle("is-now", at === passed && now > 0);
  }
}

export function startPlayers(root: ParentNode): void {
  for (const player of all<HTMLElement>("[data-player]:not([data-started])", root))
    new Player(player).start();
}
