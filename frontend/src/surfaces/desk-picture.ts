// The picture of a call at the desk. It lives in the tab that holds the telephone, outside of the parts that are drawn anew, and is
// placed at the conversation where that is shown. Whose camera is on is told by the server, so both sides read the same.
import { say } from "../parts/announcer.ts";
import { csrfToken, one } from "../parts/dom.ts";
import type { Talk } from "../parts/phone.ts";
import { keptCamera, openCamera } from "../parts/phone-picture.ts";
import { PictureWatch } from "../parts/picture-watch.ts";

export class DeskPicture {
  private talk: Talk | null = null;
  private wanted = true; // the own camera
  private readonly them: HTMLVideoElement;
  private readonly me: HTMLVideoElement;
  private readonly watch: PictureWatch;

  constructor(private readonly part: HTMLElement) {
    this.them = this.find<HTMLVideoElement>("them");
    this.me = this.find<HTMLVideoElement>("me");
    this.watch = new PictureWatch(this.them, () => this.draw());
  }

  start(): this {
    document.addEventListener("telephone:picture", (event) =>
      this.changed((event as CustomEvent<Talk>).detail),
    );
    document.addEventListener("htmx:afterSettle", () => {
      if (this.talk) this.place();
    });
    this.find("off").addEventListener("click", () => void this.turn());
    this.find("small").addEventListener("click", () => this.resize());
    this.find("beside").addEventListener("click", () => void this.turnBeside());
    this.find("full").addEventListener("click", () => void this.turnFull());
    for (const event of ["enterpictureinpicture", "leavepictureinpicture"]) {
      this.them.addEventListener(event, () => this.draw());
    }
    document.addEventListener("fullscreenchange", () => this.draw());
    return this;
  }

  private find<T extends HTMLElement>(name: string): T {
    const found = one<T>(`[data-picture-${name}]`, this.part);
    if (!found) throw new Error(`the picture has no ${name}`);
    return found;
  }

  private changed(talk: Talk): void {
    if (talk.state === "over") {
      if (this.talk === talk) this.end();
      return;
    }
    if (!talk.isOn) return;
    const first = this.talk !== talk;
    this.talk = talk;
    if (this.them.srcObject !== talk.picture) {
      this.them.srcObject = talk.picture;
      this.play();
    }
    if (first) this.begin();
    this.seeMe();
    this.draw();
  }

  private begin(): void {
    this.part.hidden = false;
    this.wanted = true;
    this.watch.start();
    this.place();
  }

  private end(): void {
    this.talk = null;
    this.watch.stop();
    this.them.srcObject = null;
    this.me.srcObject = null;
    this.part.hidden = true;
    if (document.pictureInPictureElement) void document.exitPictureInPicture();
    if (document.fullscreenElement) void document.exitFullscreen();
  }

  /** At the conversation of the call where the page shows it, else above the corner of the page. */
  private place(): void {
    const call = one("#call [data-picture]");
    const place = call ? one("#picture-place") : document.body;
    if (place && this.part.parentElement !== place && !document.fullscreenElement) {
      place.append(this.part);
      this.play();
    }
    this.part.toggleAttribute("data-floats", place === document.body);
    this.draw();
  }

  /** A video that was moved in the page stands still until it is told to go on. */
  private play(): void {
    if (this.them.srcObject) void this.them.play?.().catch(() => {});
    if (this.me.srcObject) void this.me.play?.().catch(() => {});
  }

  private seeMe(): void {
    const track = this.talk?.camera ?? null;
    const shown = (this.me.srcObject as MediaStream | null)?.getVideoTracks()[0] ?? null;
    if (track !== shown) {
      this.me.srcObject = track ? new MediaStream([track]) : null;
      this.play();
    }
    this.me.hidden = track === null;
    this.find("off").setAttribute("aria-pressed", String(track === null));
    const takes = this.part.dataset["takes"] === "yes";
    this.find("off").hidden = !takes;
    this.find("me-off").hidden = track !== null || !takes;
    if (!track && this.wanted && takes && this.talk?.since !== null) {
      this.wanted = false; // it did not start: the caller is told so, as when it is turned off
      say(this.words("noCamera"), "assertive");
      void this.tell(false);
    }
  }

  private async turn(): Promise<void> {
    const { talk } = this;
    if (!talk) return;
    this.wanted = talk.camera === null;
    if (!this.wanted) await talk.show(null);
    else {
      const stream = await openCamera(keptCamera()).catch(() => null);
      if (!stream) {
        this.wanted = false;
        say(this.words("noCamera"), "assertive");
        return;
      }
      await talk.show(stream.getVideoTracks()[0] ?? null);
    }
    this.seeMe();
    say(this.words(this.wanted ? "on" : "ownOff"));
    await this.tell(this.wanted);
  }

  private async tell(on: boolean): Promise<void> {
    const url = one<HTMLElement>("#call [data-picture]")?.dataset["picture"];
    if (!url) return;
    await fetch(url, {
      method: "POST",
      body: new URLSearchParams({ on: on ? "1" : "0" }),
      headers: { "X-CSRFToken": csrfToken(), "HX-Request": "true" },
    }).catch(() => null);
  }

  private resize(): void {
    const small = this.part.dataset["size"] !== "small";
    this.part.dataset["size"] = small ? "small" : "large";
    this.find("small").setAttribute("aria-pressed", String(small));
  }

  private async turnBeside(): Promise<void> {
    if (document.pictureInPictureElement) await document.exitPictureInPicture();
    else
      await this.them.requestPictureInPicture?.().catch(() => {
        say(this.words("noBeside"), "assertive");
      });
    this.draw();
  }

  private async turnFull(): Promise<void> {
    if (document.fullscreenElement) await document.exitFullscreen();
    else
      await this.find("stage")
        .requestFullscreen?.()
        .catch(() => {});
  }

  private draw(): void {
    const sign = this.find("sign");
    const words = this.talk ? this.sign() : "";
    sign.hidden = words === "";
    if (sign.textContent !== words) sign.textContent = words;
    this.find("beside").setAttribute("aria-pressed", String(document.pictureInPictureElement === this.them));
    this.find("full").setAttribute("aria-pressed", String(document.fullscreenElement !== null));
  }

  /** Across the picture: why there is none, or why it stands still. */
  private sign(): string {
    const call = one<HTMLElement>("#call [data-picture]");
    if (call?.dataset["held"] === "yes") return this.words("held");
    if (call?.dataset["callerCamera"] === "off") return this.words("callerOff");
    if (this.watch.moves) return "";
    return this.words(this.them.currentTime > 0 ? "still" : "connecting");
  }

  private words(name: string): string {
    return this.part.dataset[`words${name.charAt(0).toUpperCase()}${name.slice(1)}`] ?? "";
  }
}

/** In the set-up: whoever says that they take video calls shows first that their camera opens. */
export function startVideoChoice(form: HTMLFormElement): void {
  const said = one<HTMLElement>("[data-telephone-video-said]", form);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void choose(form, said);
  });
}

async function choose(form: HTMLFormElement, said: HTMLElement | null): Promise<void> {
  const wanted = one<HTMLInputElement>("input[name=video]", form)?.checked ?? false;
  const tell = (words: string) => {
    if (said) said.textContent = words;
  };
  if (wanted) {
    try {
      for (const track of (await openCamera(keptCamera())).getTracks()) track.stop();
    } catch (error) {
      const { troubleOf } = await import("../parts/phone-devices.ts");
      const trouble = troubleOf(error);
      tell(form.dataset[`words${trouble.charAt(0).toUpperCase()}${trouble.slice(1)}`] ?? "");
      return;
    }
  }
  const answer = await fetch(form.action, {
    method: "POST",
    body: new URLSearchParams(wanted ? { video: "1" } : {}),
    headers: { "X-CSRFToken": csrfToken(), "HX-Request": "true" },
  }).catch(() => null);
  if (answer?.ok) tell(((await answer.json()) as { words: string }).words);
}
