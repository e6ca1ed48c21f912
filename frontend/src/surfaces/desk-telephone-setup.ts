// Setting up the telephone: which microphone, loudspeaker and ringer, whether the microphone hears anything, and a call to oneself.
import { fill, one } from "../parts/dom.ts";
import type { Talk } from "../parts/phone.ts";
import {
  closeStream,
  type Devices,
  keepDevices,
  keptDevices,
  Level,
  listDevices,
  openMicrophone,
  troubleOf,
} from "../parts/phone-devices.ts";
import type { Speaker } from "../parts/sound.ts";
import type { DeskTelephone } from "./desk-telephone.ts";

const DRAW_EVERY = 100; // milliseconds
const HEARD = 0.25;
const RING_FOR = 2_500;
const ECHO_FOR = 30_000;

export class TelephoneSetup {
  private stream: MediaStream | null = null;
  private level: Level | null = null;
  private timer: ReturnType<typeof setInterval> | undefined;
  private heard = false;
  private echo: Talk | null = null;
  private devices: Devices = keptDevices();

  constructor(
    private readonly part: HTMLElement,
    private readonly speaker: Speaker,
    private readonly telephone: DeskTelephone | null,
  ) {}

  start(): this {
    for (const name of ["microphone", "speaker", "ringer"] as const) {
      this.choice(name)?.addEventListener("change", () => void this.choose(name));
    }
    one("[data-try-ring]", this.part)?.addEventListener("click", () => this.tryRing());
    one("[data-try-echo]", this.part)?.addEventListener("click", () => void this.tryEcho());
    return this;
  }

  async open(): Promise<void> {
    this.part.hidden = false;
    this.devices = keptDevices();
    await this.listen();
    await this.fillChoices();
  }

  close(): void {
    clearInterval(this.timer);
    this.level?.close();
    this.level = null;
    closeStream(this.stream);
    this.stream = null;
    this.echo?.hangUp();
    this.speaker.stop("offer-voice");
  }

  private words(name: string): string {
    return this.part.dataset[`words${name.charAt(0).toUpperCase()}${name.slice(1)}`] ?? "";
  }

  private tell(words: string): void {
    const place = one("[data-telephone-said]", this.part);
    if (place && place.textContent !== words) place.textContent = words;
  }

  private choice(name: keyof Devices): HTMLSelectElement | null {
    return one<HTMLSelectElement>(`[data-device="${name}"]`, this.part);
  }

  private async listen(): Promise<void> {
    clearInterval(this.timer);
    this.level?.close();
    closeStream(this.stream);
    this.heard = false;
    try {
      this.stream = await openMicrophone(this.devices.microphone);
      this.level = new Level(this.stream);
      this.tell(this.words("silent"));
      this.timer = setInterval(() => this.draw(), DRAW_EVERY);
    } catch (error) {
      this.stream = null;
      this.tell(this.words(troubleOf(error)));
    }
  }

  private draw(): void {
    const now = this.level?.now() ?? 0;
    const meter = one<SVGElement>("[data-level]", this.part);
    one("[data-level-now]", this.part)?.setAttribute("width", String(Math.round(now * 200)));
    meter?.setAttribute("aria-valuenow", String(Math.round(now * 100)));
    if (now > HEARD && !this.heard) {
      this.heard = true;
      this.tell(this.words("heard"));
    }
  }

  private async fillChoices(): Promise<void> {
    const { microphones, speakers } = await listDevices();
    this.fillOne("microphone", microphones);
    this.fillOne("speaker", speakers);
    this.fillOne("ringer", speakers);
  }

  private fillOne(name: keyof Devices, found: MediaDeviceInfo[]): void {
    const box = this.choice(name);
    if (!box) return;
    const named = found.filter((one) => one.deviceId !== "" && one.deviceId !== "default");
    box.replaceChildren(
      new Option(this.words("default"), ""),
      ...named.map(
        (device, at) =>
          new Option(device.label || fill(this.words("unnamed"), { number: at + 1 }), device.deviceId),
      ),
    );
    box.value = named.some((one) => one.deviceId === this.devices[name]) ? this.devices[name] : "";
  }

  private async choose(name: keyof Devices): Promise<void> {
    this.devices = { ...this.devices, [name]: this.choice(name)?.value ?? "" };
    keepDevices(this.devices);
    if (name === "microphone") await this.listen();
    if (name === "ringer") this.speaker.device = this.devices.ringer;
    this.telephone?.ask("devices");
  }

  private tryRing(): void {
    this.speaker.device = this.devices.ringer;
    this.speaker.play("offer-voice");
    setTimeout(() => this.speaker.stop("offer-voice"), RING_FOR);
  }

  private async tryEcho(): Promise<void> {
    const phone = this.telephone?.phone;
    if (this.echo) {
      this.echo.hangUp();
      return;
    }
    const talk = phone?.state === "ready" ? await phone.dial(this.part.dataset["echo"]) : null;
    if (!talk) {
      this.tell(this.words("noEcho"));
      return;
    }
    this.echo = talk;
    const button = one("[data-try-echo]", this.part);
    button?.setAttribute("aria-pressed", "true");
    const over = setTimeout(() => talk.hangUp(), ECHO_FOR);
    const look = setInterval(() => {
      if (talk.state === "talking") this.tell(this.words("echo"));
      if (talk.state !== "over") return;
      clearInterval(look);
      clearTimeout(over);
      this.echo = null;
      button?.setAttribute("aria-pressed", "false");
      this.tell(talk.since === null ? this.words("noEcho") : "");
    }, DRAW_EVERY);
  }
}

/** The set-up is in a dialog on every page of the desk, and a page of its own where scripts are off. */
export function startTelephoneSetup(speaker: Speaker, telephone: DeskTelephone | null): void {
  const part = one<HTMLElement>("[data-telephone-devices]");
  if (!part) return;
  const setup = new TelephoneSetup(part, speaker, telephone).start();
  const dialog = part.closest("dialog");
  document.addEventListener("click", (event) => {
    if ((event.target as Element).closest('[data-opens="telephone"]') && dialog) void setup.open();
  });
  dialog?.addEventListener("close", () => setup.close());
  if (!dialog) void setup.open();
}
