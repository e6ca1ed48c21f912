// A resident's call from a page, without what is drawn of it: the line of this visit, how long one waits for the exchange, what the
// call came to. One of these is one call; the page makes another for the next.
import { csrfToken } from "./dom.ts";
import type { Phone, PhoneState, Quality, Talk } from "./phone.ts";
import { closeStream } from "./phone-devices.ts";
import { type AskForLine, type Line, LineRefused, OPENS_WITHIN } from "./phone-line.ts";

type Fields = Record<string, string>;

const GIVE_UP = 15_000; // milliseconds until a call that does not come about is told so

/** What the page does at each turn. The keys are those of its words. */
export interface Told {
  stands(talk: Talk): void;
  over(): void;
  failed(key: string, words: string): void;
  heard?(quality: Quality): void;
}

export class GuestCall {
  talk: Talk | null = null;
  /** What the exchange knows this call by; changes when the line is lost and found. */
  ticket = "";
  private phone: Phone | null = null;
  private patience: ReturnType<typeof setTimeout> | undefined;
  private dialled = false;
  private stopped = false;

  constructor(
    private readonly ask: AskForLine,
    private readonly told: Told,
  ) {}

  /** Call with this sound, which is the call's from now on, and with what the camera gives, if there is one. */
  async start(sound: MediaStream, camera?: () => MediaStream | null): Promise<void> {
    try {
      await this.ring(sound, camera);
    } catch (error) {
      closeStream(sound);
      this.fail("failed", error instanceof LineRefused ? error.message : "");
    }
  }

  /** End it, also while it is still being begun. */
  stop(): void {
    this.stopped = true;
    clearTimeout(this.patience);
    this.talk = null;
    this.phone?.stop();
    this.phone = null;
  }

  /** The page is left. */
  leave(): void {
    this.phone?.leave();
  }

  private async ring(sound: MediaStream, camera?: () => MediaStream | null): Promise<void> {
    const { Phone: Made } = await import("./phone.ts");
    // The first answer is awaited here, so that a refusal is told in its own words.
    let first: Line | null = this.stopped ? null : await this.line();
    if (this.stopped) {
      closeStream(sound);
      return;
    }
    this.phone = new Made({
      register: false,
      line: () => {
        const line = first;
        first = null;
        return line ? Promise.resolve(line) : this.line();
      },
      microphone: () => Promise.resolve(sound),
      ...(camera ? { camera: () => Promise.resolve(camera()) } : {}),
      onState: (state) => this.moved(state),
      onTalk: (talk) => this.changed(talk),
      onQuality: (_talk, quality) => this.told.heard?.(quality),
      onTrouble: (trouble, words) => this.fail(trouble === "line-refused" ? "failed" : trouble, words),
    });
    this.patience = setTimeout(() => this.fail("failed"), GIVE_UP);
    await this.phone.start();
  }

  private async line(): Promise<Line> {
    const line = await this.ask();
    this.ticket = line.socket;
    return line;
  }

  private moved(state: PhoneState): void {
    if (state !== "ready" || this.dialled || !this.phone) return;
    this.dialled = true;
    void this.phone.dial();
  }

  private changed(talk: Talk): void {
    if (this.stopped) return;
    this.talk = talk;
    if (talk.state === "talking") clearTimeout(this.patience);
    if (talk.state !== "over") this.told.stands(talk);
    else if (talk.since !== null) this.told.over();
    else this.fail(talk.cause === "Busy" ? "busy" : "failed");
  }

  private fail(key: string, words = ""): void {
    if (!this.stopped) this.told.failed(key, words);
  }
}

/** The same visit asks for its line again after a lost network, and gets the same one. */
export function guestLine(url: string, fields: () => Fields = () => ({})): AskForLine {
  let last = "";
  return async () => {
    const again = last ? { again: last } : {};
    const answer = await tell(url, { ...fields(), ...again }, last ? OPENS_WITHIN : 0);
    const told = ((await answer.json().catch(() => null)) ?? {}) as Partial<Line> & { detail?: string };
    if (!answer.ok || !told.socket) throw new LineRefused(answer.status, told.detail ?? "");
    last = told.socket;
    return told as Line;
  };
}

/** Post fields of a call to the page's own address. `within`: milliseconds after which it is given up. */
export function tell(url: string, fields: Fields, within = 0): Promise<Response> {
  return fetch(url, {
    method: "POST",
    credentials: "same-origin",
    headers: { "X-CSRFToken": csrfToken(), Accept: "application/json" },
    body: new URLSearchParams(fields),
    ...(within ? { signal: AbortSignal.timeout(within) } : {}),
  });
}

/** Minutes and seconds. */
export function clock(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
