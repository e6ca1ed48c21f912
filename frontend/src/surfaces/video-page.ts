// A resident's call with a picture: look at oneself first, call, wait by reading, sign, write beside it. A microphone may be there
// or not. Each trouble is told with what can be done about it; the other ways stay on the page all the time.
import { say } from "../parts/announcer.ts";
import { all, fill, one } from "../parts/dom.ts";
import { clock, GuestCall, guestLine, tell } from "../parts/guest-call.ts";
import type { Talk } from "../parts/phone.ts";
import { canTalk, openMicrophone, troubleOf } from "../parts/phone-devices.ts";
import { keepCamera, keptCamera, listCameras, openCamera, silence } from "../parts/phone-picture.ts";
import { type Told, VideoStage } from "./video-stage.ts";
import { VideoWriting } from "./video-writing.ts";

const LOOK_EVERY = 1_500;

export class VideoPage {
  private readonly words: Record<string, string>;
  private readonly stage: VideoStage;
  private readonly writing: VideoWriting;
  private readonly title = document.title;
  private camera: MediaStreamTrack | null = null;
  private guest: GuestCall | null = null;
  private looking: ReturnType<typeof setInterval> | undefined;
  private spoken = "";

  constructor(private readonly root: HTMLElement) {
    this.words = JSON.parse(root.dataset["words"] ?? "{}") as Record<string, string>;
    this.stage = new VideoStage(root, this.words);
    this.writing = new VideoWriting(root, this.words, (fields) => this.ask("say", fields));
  }

  start(): void {
    this.root.hidden = false;
    if (!canTalk()) {
      this.part("open").hidden = true;
      this.show("problem", isSecureContext ? "no-webrtc" : "insecure");
      return;
    }
    this.press("open", () => void this.open());
    this.press("begin", () => void this.call());
    this.press("end", () => this.hangUp());
    this.press("off", () => void this.turnCamera());
    this.press("mute", () => this.turnMute());
    this.press("full", () => void this.turnFull());
    this.press("waive-now", () => void this.waive());
    this.part("device").addEventListener("change", () => void this.chooseCamera());
    const mirror = this.part<HTMLInputElement>("mirror");
    mirror.addEventListener("change", () => this.stage.mirror(mirror.checked));
    this.stage.mirror(mirror.checked);
    document.addEventListener("fullscreenchange", () => this.drawFull());
    addEventListener("pagehide", () => this.guest?.leave());
    this.writing.start();
  }

  private part<T extends HTMLElement>(name: string): T {
    return this.stage.part<T>(name);
  }

  private press(name: string, run: () => void): void {
    this.part(name).addEventListener("click", run);
  }

  // --- The camera

  private async open(): Promise<void> {
    this.show("connecting", "asking");
    if (!(await this.useCamera(keptCamera()))) return;
    this.part("open").hidden = true;
    this.part("begin").hidden = false;
    this.part("settings").hidden = false;
    this.part("begin").focus();
    this.show("idle", "seen");
    await this.fillDevices();
  }

  /** Open this camera; what is in the way is told. */
  private async useCamera(device: string): Promise<boolean> {
    try {
      const stream = await openCamera(device);
      const track = stream.getVideoTracks()[0] ?? null;
      if (this.talk?.isOn) await this.talk.show(track);
      else this.camera?.stop();
      this.camera = track;
    } catch (error) {
      this.show("problem", `camera-${troubleOf(error)}`);
      return false;
    }
    this.drawMe();
    return true;
  }

  private async fillDevices(): Promise<void> {
    const cameras = await listCameras();
    const used = this.camera?.getSettings?.().deviceId ?? "";
    const choice = this.part<HTMLSelectElement>("device");
    choice.replaceChildren(
      ...cameras.map((one, at) => {
        const label = one.label || fill(this.words["unnamed"] ?? "", { number: at + 1 });
        return new Option(label, one.deviceId, false, one.deviceId === used);
      }),
    );
  }

  private async chooseCamera(): Promise<void> {
    const device = this.part<HTMLSelectElement>("device").value;
    keepCamera(device);
    if (this.camera) await this.useCamera(device);
  }

  private async turnCamera(): Promise<void> {
    if (this.camera) {
      if (this.talk?.isOn) await this.talk.show(null);
      this.camera.stop();
      this.camera = null;
      this.drawMe();
      this.say("you-off");
    } else if (await this.useCamera(keptCamera())) this.say("you-on");
    void this.ask("camera", { on: this.camera ? "1" : "0" });
  }

  private drawMe(): void {
    this.stage.seeMe(this.camera, this.guest !== null || this.camera !== null);
    this.part("off").setAttribute("aria-pressed", String(this.camera === null));
  }

  // --- The call

  private get talk(): Talk | null {
    return this.guest?.talk ?? null;
  }

  private async call(): Promise<void> {
    if (this.guest) return;
    const guest = new GuestCall(
      guestLine(this.root.dataset["videoCall"] ?? "", () => this.chosen()),
      {
        stands: (talk) => this.stands(talk),
        over: () => this.hangUp(),
        failed: (key, words) => this.fail(key, words),
      },
    );
    this.guest = guest;
    this.inCall(true);
    this.show("connecting", "connecting");
    if (!this.camera) await this.useCamera(keptCamera());
    if (this.guest !== guest) return;
    if (!this.camera) {
      this.stop();
      return;
    }
    await guest.start(await this.sound(), () => (this.camera ? new MediaStream([this.camera]) : null));
  }

  private chosen(): Record<string, string> {
    const of = (name: string) => one<HTMLInputElement>(`input[name=${name}]:checked`, this.root)?.value ?? "";
    const sound = this.part<HTMLInputElement>("sound").checked;
    return { sign: of("sign"), queue: of("queue"), sound: sound ? "1" : "0" };
  }

  /** The microphone where it is wanted and there; else silence. A call without one is a whole call. */
  private async sound(): Promise<MediaStream> {
    const wanted = this.part<HTMLInputElement>("sound");
    this.part("mute").hidden = !wanted.checked;
    if (!wanted.checked) return silence();
    try {
      return await openMicrophone("");
    } catch {
      wanted.checked = false;
      this.part("mute").hidden = true;
      this.show("connecting", "microphone");
      return silence();
    }
  }

  private stands(talk: Talk): void {
    this.stage.lose(talk.state === "lost");
    if (talk.state === "talking") this.onTheLine();
    this.stage.see(talk.picture);
  }

  /** The exchange has taken the call; whoever answers comes later, and how it stands is asked for until the end. */
  private onTheLine(): void {
    this.looking ??= setInterval(() => void this.look(), LOOK_EVERY);
    void this.look();
    this.tick();
  }

  private async look(): Promise<void> {
    this.tick();
    const news = this.writing.hasNews();
    await this.ask("now", news ? { news: "1" } : {});
  }

  /** Ask or tell something about this call, and show how it stands then. Returns whether it was heard. */
  private async ask(
    what: "now" | "camera" | "say" | "waive",
    fields: Record<string, string>,
  ): Promise<boolean> {
    const ticket = this.guest?.ticket;
    if (!ticket) return false;
    const url = this.root.dataset[what] ?? "";
    const given = { ticket, after: String(this.writing.last), ...fields };
    const answer = await tell(url, given).catch(() => null);
    if (!this.guest) return Boolean(answer?.ok);
    if (!answer?.ok) {
      if (what === "now") this.show("lost", "away");
      return false;
    }
    this.tell((await answer.json()) as Told);
    return true;
  }

  private tell(told: Told): void {
    if (told.phase === "over") return; // the exchange ends the call itself, with the last picture
    this.stage.tell(told);
    this.writing.add(told.lines);
    this.part("waive").hidden = told.phase !== "waiting" || !told.may_waive;
    document.title = `${told.title}. ${this.title}`;
    this.write(told.phase, told.phase === "talking" ? told.title : [told.title, told.text].join(". "));
  }

  private async waive(): Promise<void> {
    if (!(await this.ask("waive", {}))) return;
    this.part("waive").hidden = true;
    this.say("waived");
    one<HTMLInputElement>("#video-line", this.root)?.focus();
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
    clearInterval(this.looking);
    this.looking = undefined;
    this.guest?.stop();
    this.guest = null;
    this.camera?.stop();
    this.camera = null;
    this.stage.lose(false);
    this.stage.see(null);
    this.stage.tell(null);
    this.spoken = "";
    document.title = this.title;
    if (document.fullscreenElement) void document.exitFullscreen();
    this.inCall(false);
    this.drawMe();
    this.part("begin").hidden = false;
    const label = one<HTMLElement>("span", this.part("begin"));
    if (label) label.textContent = this.words["again"] ?? "";
    this.part("begin").focus();
  }

  private turnMute(): void {
    if (!this.talk) return;
    this.talk.setMuted(!this.talk.muted);
    this.part("mute").setAttribute("aria-pressed", String(this.talk.muted));
  }

  private async turnFull(): Promise<void> {
    if (document.fullscreenElement) await document.exitFullscreen();
    else
      await this.part("stage")
        .requestFullscreen?.()
        .catch(() => {});
  }

  private drawFull(): void {
    this.part("full").setAttribute("aria-pressed", String(document.fullscreenElement !== null));
  }

  private tick(): void {
    const since = this.talk?.since;
    if (since) this.part("clock").textContent = clock(Date.now() - since);
  }

  private inCall(on: boolean): void {
    this.part("begin").hidden = on;
    this.part("choices").hidden = on;
    for (const part of ["off", "end", "clock", "full", "beside", "aside"]) this.part(part).hidden = !on;
    if (!on) for (const part of ["mute", "waive"]) this.part(part).hidden = true;
    if (on) {
      this.part("end").focus({ preventScroll: true });
      this.root.scrollIntoView?.({ block: "start" });
    } else this.writing.clear();
    for (const pressed of all("[aria-pressed]", this.root)) pressed.setAttribute("aria-pressed", "false");
  }

  private say(key: string): void {
    say(this.words[key] ?? "");
  }

  private show(state: string, key: string, words = ""): void {
    this.write(state, words || this.words[key] || "", state === "problem" ? "assertive" : "polite");
  }

  /** One sentence below the picture; told to screen readers when it changes. */
  private write(state: string, words: string, urgency: "polite" | "assertive" = "polite"): void {
    const place = this.part("state");
    place.dataset["state"] = state;
    if (words === this.spoken) return;
    this.spoken = words;
    place.textContent = words;
    say(words, urgency);
  }
}
