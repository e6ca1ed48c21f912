// The agent's telephone in the browser. One tab holds it (the lock says which), all tabs show how it stands; when the tab that
// holds it goes, another takes over. What rings is an offer of the engine: who accepts it on the page is connected without a
// second press, and whoever has a desk phone picks that up.
import { say } from "../parts/announcer.ts";
import { all, csrfToken, fill, one } from "../parts/dom.ts";
import type { Hint } from "../parts/live.ts";
import type { Grade, Phone, PhoneState, Quality, Talk, Trouble } from "../parts/phone.ts";
import { type Devices, keptDevices, lookForTrouble } from "../parts/phone-devices.ts";
import { deskCamera } from "../parts/phone-picture.ts";
import type { StaffPage } from "../parts/staff.ts";

type Shown = PhoneState | "microphone" | "incapable" | "call" | "lost" | "desk";

/** How the telephone stands, as the tab that holds it tells the others. */
export interface Standing {
  shown: Shown;
  /** A call is on. */
  on: boolean;
  /** Who rings: a number, "" for a withheld one, FROM_PAGE, null for nobody. */
  ringing: string | null;
  grade: Grade;
  details: { loss: number; jitter: number; trip: number | null } | null;
}

type Message =
  | { is: "standing"; standing: Standing }
  | { is: "expect"; leg: string }
  | { is: "who" | "look" | "answer" | "refuse" | "devices" };

const FROM_PAGE = "page"; // a resident who calls from our own page, and has no number there
const OFFER_FIRST = 700; // milliseconds in which an offer shows what a ringing telephone is about
const NOTHING: Standing = { shown: "off", on: false, ringing: null, grade: "unknown", details: null };

interface Wanted {
  answer: boolean;
  muted: boolean;
  /** Who may ring, as people read it. */
  numbers: string[];
  /** Whether one of them came from our own page. */
  page: boolean;
}

const digits = (number: string) => number.replace(/[^0-9]/g, "");

export class DeskTelephone {
  standing: Standing = { ...NOTHING };
  /** Only in the tab that holds the telephone. */
  phone: Phone | null = null;
  private readonly channel = new BroadcastChannel("civicline:telephone");
  private readonly chip = one<HTMLElement>("#telephone-state");
  private readonly bar = one<HTMLElement>("#telephone-ring");
  private fromPage = false;
  private readonly readable = new Map<string, string>(); // numbers by their digits
  private trouble = false;
  private muted = false;
  private rings = false;
  private shows: (standing: Standing) => void = () => {};

  constructor(
    private readonly page: StaffPage,
    private readonly urls: { line: string; now: string },
  ) {
    this.channel.onmessage = (event: MessageEvent<Message>) => this.told(event.data);
  }

  start(): void {
    this.channel.postMessage({ is: "who" } satisfies Message);
    one("[data-ring-answer]")?.addEventListener("click", () => this.ask("answer"));
    one("[data-ring-refuse]")?.addEventListener("click", () => this.ask("refuse"));
    document.addEventListener("live:hint", (event) => {
      if ((event as CustomEvent<Hint>).detail.topic.startsWith("agent:")) void this.look();
    });
    document.addEventListener("live:resync", () => void this.look());
    // The server's answer to a press that makes one's own telephone ring names the leg; so does a card that asks for us.
    document.addEventListener("telephone:asked", (event) =>
      this.expect((event as CustomEvent<{ leg?: string }>).detail.leg ?? ""),
    );
    document.addEventListener("click", (event) => {
      const press = (event.target as Element).closest<HTMLElement>("[data-asked-answer]");
      if (!press) return;
      this.expect(press.dataset["askedAnswer"] ?? "");
      // What it is about is on the screen when they meet.
      press.closest("[data-asked]")?.querySelector<HTMLElement>("[data-asked-open]")?.click();
    });
    document.addEventListener("htmx:afterSettle", () => this.showRinging(this.standing));
    window.addEventListener("online", () => this.phone?.check());
    document.addEventListener("live:state", (event) => {
      if ((event as CustomEvent<string>).detail === "live") this.phone?.check();
    });
    this.keepThePage();
    const hold = () => {
      void this.hold();
      return new Promise<never>(() => {}); // until the tab is gone
    };
    if (navigator.locks) void navigator.locks.request("civicline:telephone", hold);
    else hold();
  }

  /** Tell whoever shows more of a call than the bar does. */
  onStanding(shows: (standing: Standing) => void): void {
    this.shows = shows;
    shows(this.standing);
  }

  /** Something about the call was changed from this page: the telephone looks what it has to do. */
  ask(what: "look" | "answer" | "refuse" | "devices"): void {
    if (this.phone) this.asked(what);
    else this.channel.postMessage({ is: what } satisfies Message);
  }

  /** Pick this leg up as soon as it rings: somebody on this page has asked for it. */
  private expect(leg: string): void {
    if (!leg) return;
    if (this.phone) this.phone.expect(leg);
    else this.channel.postMessage({ is: "expect", leg } satisfies Message);
  }

  private told(message: Message): void {
    if (message.is === "standing") {
      if (!this.phone) this.show(message.standing);
    } else if (message.is === "expect") this.phone?.expect(message.leg);
    else if (this.phone) this.asked(message.is);
  }

  private asked(what: "who" | "look" | "answer" | "refuse" | "devices"): void {
    const ringing = this.ringing();
    if (what === "who") this.tell();
    else if (what === "look") void this.look();
    else if (what === "devices") void this.useDevices(keptDevices());
    else if (what === "answer" && ringing) void this.phone?.answer(ringing);
    else if (what === "refuse") ringing?.hangUp();
  }

  async useDevices(devices: Devices): Promise<void> {
    this.page.speaker.device = devices.ringer;
    await this.phone?.useDevices(devices);
  }

  /** This tab is the telephone from now on. */
  private async hold(): Promise<void> {
    const { canTalk, lineFrom, Phone } = await import("../parts/phone.ts");
    if (!canTalk()) {
      this.change({ shown: "incapable" });
      return;
    }
    const phone = new Phone({
      line: lineFrom(this.urls.line, csrfToken),
      onState: () => this.draw(),
      onTalk: (talk) => this.changed(talk),
      onQuality: (_talk, quality) => this.heard(quality),
      onTrouble: (trouble, words) => this.troubled(trouble, words),
      camera: deskCamera,
    });
    this.phone = phone;
    this.page.speaker.device = phone.devices.ringer;
    window.addEventListener("pagehide", () => phone.leave());
    navigator.mediaDevices.addEventListener?.("devicechange", () => void this.lookAtMicrophone());
    await this.lookAtMicrophone();
    await phone.start();
  }

  private async lookAtMicrophone(): Promise<void> {
    this.trouble = (await lookForTrouble()) !== "";
    this.draw();
  }

  private ringing(): Talk | null {
    return [...(this.phone?.talks.values() ?? [])].find((talk) => talk.state === "ringing") ?? null;
  }

  /** Ask the server what was accepted and what is muted: whichever tab, or whoever, did it. */
  private async look(): Promise<void> {
    const { phone } = this;
    if (!phone || phone.talks.size === 0) return;
    const answer = await fetch(this.urls.now, { headers: { "HX-Request": "true" } }).catch(() => null);
    if (!answer?.ok) return;
    const wanted = (await answer.json()) as Wanted;
    for (const number of wanted.numbers) this.readable.set(digits(number), number);
    this.fromPage = wanted.page;
    const ringing = this.ringing();
    if (ringing && wanted.answer) await phone.answer(ringing);
    this.muted = wanted.muted;
    for (const talk of phone.talks.values()) if (talk.isOn && talk.incoming) talk.setMuted(wanted.muted);
  }

  private changed(talk: Talk): void {
    if (talk.withPicture) document.dispatchEvent(new CustomEvent("telephone:picture", { detail: talk }));
    if (talk.state === "ringing") {
      const looked = this.look();
      setTimeout(() => void looked.finally(() => this.draw()), OFFER_FIRST);
      return;
    }
    if (talk.state === "talking" && this.muted && talk.incoming) talk.setMuted(true);
    if (talk.state === "over") this.muted = false;
    this.draw();
  }

  private heard(quality: Quality): void {
    const { loss, jitter, roundTrip } = quality;
    this.change({ grade: quality.grade, details: { loss, jitter, trip: roundTrip } });
  }

  private troubled(trouble: Trouble, words: string): void {
    if (trouble !== "line-refused") this.trouble = true;
    this.draw();
    say(words || (this.chip?.dataset["wordsMicrophone"] ?? ""), "assertive");
  }

  /** Work out how the telephone stands, show it here and tell the other tabs. */
  private draw(): void {
    const { phone } = this;
    if (!phone) return;
    const talks = [...phone.talks.values()].filter((talk) => talk.isOn);
    const on = talks.some((talk) => talk.incoming);
    const lost = talks.some((talk) => talk.state === "lost");
    const shown: Shown = lost ? "lost" : on ? "call" : this.trouble ? "microphone" : phone.state;
    const ringing = this.ringing();
    this.change({
      shown,
      on,
      ringing: ringing ? this.nameOf(ringing) : null,
      ...(on ? {} : { grade: "unknown", details: null }),
    });
  }

  private nameOf({ number }: Talk): string {
    return number ? (this.readable.get(digits(number)) ?? number) : this.fromPage ? FROM_PAGE : "";
  }

  private change(news: Partial<Standing>): void {
    const standing = { ...this.standing, ...news };
    if (standing.shown === "lost" && this.standing.shown !== "lost") this.speak("lost", "assertive");
    if (standing.shown === "call" && this.standing.shown === "lost") this.speak("found", "polite");
    this.show(standing);
    this.tell();
  }

  private tell(): void {
    this.channel.postMessage({ is: "standing", standing: this.standing } satisfies Message);
  }

  private speak(word: string, urgency: "polite" | "assertive"): void {
    say(this.words(word), urgency);
  }

  private words(word: string): string {
    return this.chip?.dataset[`words${word.charAt(0).toUpperCase()}${word.slice(1)}`] ?? "";
  }

  private show(standing: Standing): void {
    this.standing = standing;
    this.page.speaker.duringCall = standing.on;
    document.documentElement.dataset["talking"] = this.phone && standing.on ? "yes" : "no";
    const { chip } = this;
    if (chip) {
      const word =
        standing.shown === "call" ? (standing.grade === "unknown" ? "good" : standing.grade) : standing.shown;
      chip.dataset["state"] = standing.shown === "call" ? `call-${standing.grade}` : standing.shown;
      const words = one("[data-telephone-words]", chip);
      const text = this.words(word === "lost" ? "reconnecting" : word);
      if (words && words.textContent !== text) words.textContent = text;
      chip.title = this.phone ? "" : this.words("elsewhere");
    }
    this.showRinging(standing);
    this.shows(standing);
  }

  /** A telephone that rings for something else than the offer on this page: a colleague who asks, or a page without offers. */
  private showRinging({ ringing }: Standing): void {
    const { bar } = this;
    if (!bar) return;
    const offered = all<HTMLElement>("[data-offer]").some((offer) =>
      ["voice", "emergency"].includes(offer.dataset["live"] ?? ""),
    );
    const wanted = ringing !== null && !offered;
    // A card on this page that asks for us has a button of its own to answer with.
    bar.hidden = !wanted || one("[data-asked-answer]") !== null;
    if (wanted === this.rings) return;
    this.rings = wanted;
    if (!wanted) {
      this.page.speaker.stop("offer-voice");
      return;
    }
    // A number keeps its own order inside a sentence from right to left.
    const page = ringing === FROM_PAGE;
    const who = ringing && !page ? `\u2066${ringing}\u2069` : this.words(page ? "fromPage" : "withheld");
    const words = fill(this.words("rings"), { who });
    const text = one("[data-ring-words]", bar);
    if (text) text.textContent = words;
    say(words, "assertive");
    if (this.phone) this.page.speaker.play("offer-voice");
  }

  /** The call lives in this page: ways out of it open beside it, and whoever closes it is asked. */
  private keepThePage(): void {
    window.addEventListener("beforeunload", (event) => {
      if (this.phone && this.standing.on) event.preventDefault();
    });
    document.addEventListener("click", (event) => {
      if (!this.phone || !this.standing.on || event.defaultPrevented) return;
      const link = (event.target as Element).closest<HTMLAnchorElement>("a[href]");
      if (!link || link.target || link.hasAttribute("hx-get") || link.hasAttribute("data-opens")) return;
      if (link.getAttribute("href")?.startsWith("#")) return;
      link.target = "_blank";
      link.rel = "noopener";
      setTimeout(() => {
        link.removeAttribute("target");
        link.removeAttribute("rel");
      });
      this.speak("newTab", "polite");
    });
  }
}

/** The telephone of a page, where its person has one in the browser. */
export function startTelephone(page: StaffPage): DeskTelephone | null {
  const { telephone, telephoneLine, telephoneNow } = document.body.dataset;
  if (telephone !== "browser" || !telephoneLine || !telephoneNow || typeof BroadcastChannel !== "function")
    return null;
  const made = new DeskTelephone(page, { line: telephoneLine, now: telephoneNow });
  made.start();
  return made;
}
