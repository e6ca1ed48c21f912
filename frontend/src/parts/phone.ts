// A telephone in the browser, for agents (who are rung) and guests (who call): it signs in at the exchange through our own door,
// and signs in again, waiting longer each time, when the network was away. What a person sees of it is the page's affair.
//   const phone = new Phone({ line: lineFrom("/desk/telephone/line/", csrfToken), onState, onTalk });
//   await phone.start();  talk.answer / phone.answer(talk), phone.dial(), talk.setMuted(true), talk.press("5"), talk.hangUp()
// This module brings JsSIP with it: import() it, only where somebody may talk.
import * as JsSIP from "jssip";
import { AskedLegs, LEG_HEADER } from "./phone-asked.ts";
import { type Devices, keptDevices, openMicrophone, troubleOf } from "./phone-devices.ts";
import { type AskForLine, DoorSocket, type Line, LineRefused } from "./phone-line.ts";
import { bringsPicture } from "./phone-picture.ts";
import type { Quality } from "./phone-quality.ts";
import { type Session, Talk } from "./phone-talk.ts";

export { canTalk, lookForTrouble } from "./phone-devices.ts";
export { type Line, LineRefused, lineFrom } from "./phone-line.ts";
export type { Grade, Quality } from "./phone-quality.ts";
export { Talk, type TalkState } from "./phone-talk.ts";

/** off: not started. refused: no line is given, and asking again would not help. */
export type PhoneState = "off" | "connecting" | "ready" | "reconnecting" | "refused";
export type Trouble =
  | "microphone-none"
  | "microphone-refused"
  | "microphone-busy"
  | "microphone-insecure"
  | "line-refused";

export interface PhoneOptions {
  line: AskForLine;
  /** Guests are not rung and do not sign in. */
  register?: boolean;
  onState?: (state: PhoneState) => void;
  /** Whenever a call rings, is picked up, is lost or found again, is muted, is over. */
  onTalk?: (talk: Talk) => void;
  onQuality?: (talk: Talk, quality: Quality) => void;
  onTrouble?: (trouble: Trouble, words: string) => void;
  devices?: Devices;
  agent?: (configuration: object) => Agent;
  microphone?: (device: string) => Promise<MediaStream>;
  /** The camera for a call with a picture; null to be on it without one. Without this nobody is seen. */
  camera?: () => Promise<MediaStream | null>;
}

/** What we need of JsSIP's user agent. */
export interface Agent {
  start(): void;
  stop(): void;
  register(): void;
  set(name: string, value: string): boolean;
  call(target: string, options: object): unknown;
  on(name: string, heard: (event: never) => void): unknown;
}

const SHORTEST_WAIT = 1; // seconds
const LONGEST_WAIT = 20;
const LONGEST_WAIT_IN_CALL = 4; // the door misses whoever is away for 15 seconds
const SIGNS_IN_FOR = 90;
const ANSWERS_WITHIN = 4_000; // milliseconds
const LOOK_EVERY = 15_000;
const MOST_CALLS = 2;
const GONE = 41; // Q.850: temporary failure
const FINAL = [400, 401, 403, 404, 405, 409];

export class Phone {
  state: PhoneState = "off";
  devices: Devices;
  readonly talks = new Map<string, Talk>();
  private readonly asked = new AskedLegs();
  private readonly legs = new Map<string, string>(); // by call
  private agent: Agent | null = null;
  private door: DoorSocket | null = null;
  private line: Line | null = null;
  private waits = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private watching: ReturnType<typeof setInterval> | undefined;
  private readonly signsIn: boolean;

  constructor(private readonly options: PhoneOptions) {
    this.devices = options.devices ?? keptDevices();
    this.signsIn = options.register ?? true;
  }

  /** The call that is on, or else the one that rings. */
  get talk(): Talk | null {
    const all = [...this.talks.values()];
    return all.filter((one) => one.isOn).pop() ?? all.pop() ?? null;
  }

  async start(): Promise<void> {
    if (this.agent || this.state === "connecting") return;
    this.move("connecting");
    try {
      this.begin(await this.options.line());
    } catch (error) {
      this.notGiven(error);
      if (this.is("connecting")) this.later(() => this.startAgain());
    }
  }

  stop(): void {
    clearTimeout(this.timer);
    clearInterval(this.watching);
    for (const talk of this.talks.values()) talk.hangUp();
    this.agent?.stop();
    this.agent = null;
    this.door = null;
    this.move("off");
  }

  /** The page goes away: whoever is on the line is not to be hung up on, but to be given to somebody else. */
  leave(): void {
    for (const talk of this.talks.values()) talk.hangUp({ cause: GONE, text: "page left" });
    this.agent?.stop();
  }

  /** Pick up. Without a microphone it is not picked up, and the page is told why. */
  async answer(talk: Talk): Promise<boolean> {
    if (talk.state !== "ringing") return talk.isOn;
    const stream = await this.microphone();
    if (!stream) {
      talk.hangUp({ cause: 21, text: "no microphone" });
      return false;
    }
    if (talk.withPicture) await this.addCamera(stream);
    talk.answer(stream, this.line?.ice ?? []);
    void talk.playOn(this.devices.speaker);
    return true;
  }

  /** The page has asked for this leg just now: it is picked up at once, whether it rings already or is on its way. */
  expect(leg: string): void {
    const ringing = [...this.talks.values()].find((talk) => this.legs.get(talk.id) === leg);
    if (ringing) void this.answer(ringing);
    else this.asked.ask(leg);
  }

  /** Call somebody: whom the line names, or `target`. */
  async dial(target: string = this.line?.dial ?? ""): Promise<Talk | null> {
    const stream = target && this.agent ? await this.microphone() : null;
    if (!stream || !this.agent) return null;
    await this.addCamera(stream);
    const seen = stream.getVideoTracks().length > 0;
    const made = this.agent.call(target, {
      mediaStream: stream,
      mediaConstraints: { audio: true, video: seen },
      pcConfig: { iceServers: this.line?.ice ?? [] },
    }) as Session;
    const talk = this.talks.get(made.id) ?? this.keep(made, false);
    talk.withPicture = seen;
    talk.take(stream);
    void talk.playOn(this.devices.speaker);
    return talk;
  }

  /** Use these devices from now on, in a call that is on as well. */
  async useDevices(devices: Devices): Promise<void> {
    const other = devices.microphone !== this.devices.microphone;
    this.devices = devices;
    for (const talk of this.talks.values()) {
      await talk.playOn(devices.speaker);
      const stream = other && talk.isOn ? await this.microphone() : null;
      if (stream) await talk.speakInto(stream);
    }
  }

  /** Whether the exchange still answers; when it does not in time, the way to it is opened anew. */
  check(): void {
    const { door, agent } = this;
    if (!door?.isConnected() || !agent) return;
    const asked = Date.now();
    if (this.signsIn) agent.register();
    else door.ping();
    setTimeout(() => {
      if (this.door === door && door.isConnected() && door.heardAt < asked) door.drop();
    }, ANSWERS_WITHIN);
  }

  private is(state: PhoneState): boolean {
    return this.state === state;
  }

  private startAgain(): void {
    this.state = "off";
    void this.start();
  }

  private begin(line: Line): void {
    this.line = line;
    this.door = new DoorSocket(
      line,
      this.options.line,
      (fresh) => this.given(fresh),
      (error) => this.notGiven(error),
    );
    const make =
      this.options.agent ?? ((configuration) => new JsSIP.UA(configuration as never) as unknown as Agent);
    const agent = make({
      sockets: [this.door],
      uri: line.address,
      authorization_user: line.user,
      password: line.secret,
      register: this.signsIn,
      register_expires: SIGNS_IN_FOR,
      session_timers: true,
      connection_recovery_min_interval: SHORTEST_WAIT,
      // Guests are here for their call alone; all the agents of a house must not come back in the same seconds.
      connection_recovery_max_interval: this.signsIn ? LONGEST_WAIT : LONGEST_WAIT_IN_CALL,
      user_agent: "Civicline",
    });
    this.agent = agent;
    agent.on("connected", (() => this.connected()) as never);
    agent.on("disconnected", (() => this.disconnected()) as never);
    agent.on("registered", (() => this.signedIn()) as never);
    agent.on("registrationFailed", (() => this.notSignedIn()) as never);
    agent.on("newRTCSession", ((event: { originator: string; session: Session; request?: Asked }) => {
      if (event.originator === "remote") this.rung(event.session, event.request);
      else this.keep(event.session, false);
    }) as never);
    agent.start();
    this.watching = setInterval(() => {
      if ([...this.talks.values()].some((talk) => talk.isOn)) this.check();
    }, LOOK_EVERY);
  }

  private given(line: Line): void {
    this.line = line;
    this.agent?.set("password", line.secret);
    this.agent?.set("authorization_user", line.user);
  }

  private notGiven(error: unknown): void {
    const final = error instanceof LineRefused && FINAL.includes(error.status);
    if (!final) return;
    this.options.onTrouble?.("line-refused", error.message);
    clearInterval(this.watching);
    // Whoever has signed out is on no line any more; whoever they talked with goes back to their place.
    for (const talk of this.talks.values()) talk.hangUp({ cause: GONE, text: "no line" });
    this.agent?.stop();
    this.agent = null;
    this.move("refused");
  }

  private connected(): void {
    if (!this.signsIn) this.signedIn();
  }

  private signedIn(): void {
    const back = this.state === "reconnecting";
    this.waits = 0;
    this.move("ready");
    if (back) for (const talk of this.talks.values()) talk.reach();
  }

  private disconnected(): void {
    if (this.state === "ready" || this.state === "connecting") this.move("reconnecting");
  }

  /** The exchange does not know us (yet): ask for a fresh line, after a while. */
  private notSignedIn(): void {
    this.disconnected();
    this.later(() => this.door?.drop());
  }

  private later(run: () => void): void {
    this.waits += 1;
    clearTimeout(this.timer);
    this.timer = setTimeout(run, Math.min(LONGEST_WAIT, 2 ** this.waits) * 1000 * (0.75 + Math.random() / 2));
  }

  private rung(session: Session, request: Asked | undefined): void {
    if ([...this.talks.values()].length >= MOST_CALLS) {
      session.terminate({ status_code: 486 });
      return;
    }
    const leg = request?.getHeader(LEG_HEADER) ?? "";
    if (leg) this.legs.set(session.id, leg);
    this.keep(session, this.asked.takes(leg), bringsPicture(request?.body ?? ""));
  }

  private keep(session: Session, answerAtOnce: boolean, withPicture = false): Talk {
    const known = this.talks.get(session.id);
    if (known) return known;
    const talk = new Talk(
      session,
      {
        onChange: (changed) => this.changed(changed),
        onQuality: (heard, quality) => this.options.onQuality?.(heard, quality),
        onDoubt: () => this.check(),
      },
      answerAtOnce,
    );
    talk.withPicture = withPicture;
    this.talks.set(talk.id, talk);
    this.options.onTalk?.(talk);
    if (answerAtOnce) void this.answer(talk);
    return talk;
  }

  private changed(talk: Talk): void {
    if (talk.state === "over") {
      this.talks.delete(talk.id);
      this.legs.delete(talk.id);
    }
    this.options.onTalk?.(talk);
  }

  private async addCamera(stream: MediaStream): Promise<void> {
    const camera = await this.options.camera?.();
    for (const track of camera?.getVideoTracks() ?? []) stream.addTrack(track);
  }

  private async microphone(): Promise<MediaStream | null> {
    try {
      return await (this.options.microphone ?? openMicrophone)(this.devices.microphone);
    } catch (error) {
      const trouble: Trouble = `microphone-${troubleOf(error)}`;
      this.options.onTrouble?.(trouble, "");
      return null;
    }
  }

  private move(state: PhoneState): void {
    if (state === this.state) return;
    this.state = state;
    this.options.onState?.(state);
  }
}

interface Asked {
  body?: string;
  getHeader(name: string): string;
}
