// A resident's call with a picture: look at oneself first, call, wait by reading, sign, write beside it. A microphone may be there
// or not. Each trouble is told with what can be done about it; the other ways stay on the page all the time.
import { say } from "../parts/announcer.ts";
import { all, csrfToken, fill, one } from "../parts/dom.ts";
import type { Phone, PhoneState, Talk, Trouble } from "../parts/phone.ts";
import { canTalk, closeStream, openMicrophone, troubleOf } from "../parts/phone-devices.ts";
import { type AskForLine, type Line, LineRefused } from "../parts/phone-line.ts";
import { keepCamera, keptCamera, listCameras, openCamera, silence } from "../parts/phone-picture.ts";
import { clock } from "./call-page.ts";
import { type Told, VideoStage } from "./video-stage.ts";
import { VideoWriting } from "./video-writing.ts";

const GIVE_UP = 15_000; // milliseconds until a call that does not come about is told so
const LOOK_EVERY = 1_500;

export class VideoPage {
  private readonly words: Record<string, string>;
  private readonly stage: VideoStage;
  private readonly writing: VideoWriting;
  private readonly title = document.title;
  private camera: MediaStreamTrack | null = null;
  private phone: Phone | null = null;
  private talk: Talk | null = null;
  private ticket = "";
  private dialled = false;
  private began = false;
  private looking: ReturnType<typeof setInterval> | undefined;
  private patience: ReturnType<typeof setTimeout> | undefined;
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
    addEventListener("pagehide", () => this.phone?.leave());
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
    this.stage.seeMe(this.camera, this.began || this.camera !== null);
    this.part("off").setAttribute("aria-pressed", String(this.camera === null));
  }

  // --- The call

  private async call(): Promise<void> {
    if (this.phone || this.began) return;
    this.began = true;
    this.inCall(true);
    this.show("connecting", "connecting");
    if (!this.camera) await this.useCamera(keptCamera());
    if (!this.camera) {
      this.stop();
      return;
    }
    const sound = await this.sound();
    try {
      await this.ring(sound);
    } catch (error) {
      closeStream(sound);
      this.fail("failed", error instanceof LineRefused ? error.message : "");
    }
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

  private async ring(sound: MediaStream): Promise<void> {
    const { Phone: Made } = await import("../parts/phone.ts");
    let first: Line | null = await this.line();
    this.dialled = false;
    this.phone = new Made({
      register: false,
      line: () => {
        const line = first;
        first = null;
        return line ? Promise.resolve(line) : this.line();
      },
      microphone: () => Promise.resolve(sound),
      camera: () => Promise.resolve(this.camera ? new MediaStream([this.camera]) : null),
      onState: (state) => this.moved(state),
      onTalk: (talk) => this.changed(talk),
      onTrouble: (trouble, words) => this.trouble(trouble, words),
    });
    this.patience = setTimeout(() => this.fail("failed"), GIVE_UP);
    await this.phone.start();
  }

  /** The same visit asks for its line again after a lost network, and gets the same one. */
  private readonly line: AskForLine = async () => {
    const chosen = (name: string) =>
      one<HTMLInputElement>(`input[name=${name}]:checked`, this.root)?.value ?? "";
    const answer = await this.post(this.root.dataset["videoCall"] ?? "", {
      sign: chosen("sign"),
      queue: chosen("queue"),
      sound: this.part<HTMLInputElement>("sound").checked ? "1" : "0",
      ...(this.ticket ? { again: this.ticket } : {}),
    });
    const told = ((await answer.json().catch(() => null)) ?? {}) as Partial<Line> & { detail?: string };
    if (!answer.ok || !told.socket) throw new LineRefused(answer.status, told.detail ?? "");
    this.ticket = told.socket;
    return told as Line;
  };

  private moved(state: PhoneState): void {
    if (state !== "ready" || this.dialled || !this.phone) return;
    this.dialled = true;
    void this.phone.dial();
  }

  private changed(talk: Talk): void {
    if (!this.phone) return;
    this.talk = talk;
    this.stage.lose(talk.state === "lost");
    if (talk.state === "talking") this.onTheLine();
    else if (talk.state === "over") {
      const was = talk.since !== null;
      this.stop();
      this.show(was ? "over" : "problem", was ? "over" : talk.cause === "Busy" ? "busy" : "failed");
      return;
    }
    this.stage.see(talk.picture);
  }

  /** The exchange has taken the call; whoever answers comes later, and how it stands is asked for until the end. */
  private onTheLine(): void {
    clearTimeout(this.patience);
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
    if (!this.ticket || !this.began) return false;
    const url = this.root.dataset[what] ?? "";
    const given = { ticket: this.ticket, after: String(this.writing.last), ...fields };
    const answer = await this.post(url, given).catch(() => null);
    if (!this.began) return Boolean(answer?.ok);
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
    clearInterval(this.looking);
    this.looking = undefined;
    const { phone } = this;
    this.phone = null;
    this.talk = null;
    phone?.stop();
    this.camera?.stop();
    this.camera = null;
    this.began = false;
    this.ticket = "";
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

  private async post(url: string, fields: Record<string, string>): Promise<Response> {
    return fetch(url, {
      method: "POST",
      credentials: "same-origin",
      headers: { "X-CSRFToken": csrfToken(), Accept: "application/json" },
      body: new URLSearchParams(fields),
    });
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
