// One call of a browser's telephone. A network that goes away for a while does not end it: the sound finds its way anew (ICE
// restart) as soon as the exchange can be reached, and only when that takes too long is the call over.
import { closeStream, Level, playOn } from "./phone-devices.ts";
import { limit, pictureOf, send } from "./phone-picture.ts";
import { type Quality, sample, UNKNOWN, Watch } from "./phone-quality.ts";

/** What we need of a session of JsSIP. */
export interface Session {
  id: string;
  direction: string;
  connection: RTCPeerConnection | null;
  remote_identity: { display_name: string; uri: { user: string } };
  answer(options: object): void;
  terminate(options?: object): void;
  renegotiate(options: object, done?: () => void): boolean;
  sendDTMF(tones: string, options: object): void;
  mute(what: { audio: boolean }): void;
  unmute(what: { audio: boolean }): void;
  isEstablished(): boolean;
  isEnded(): boolean;
  onTransportError?(): void;
  onRequestTimeout?(): void;
  onDialogError?(): void;
  on(name: string, heard: (event: never) => void): unknown;
}

/** ringing: nobody has picked up. lost: on, but no sound gets through. */
export type TalkState = "ringing" | "answering" | "talking" | "lost" | "over";

export interface TalkHandlers {
  onChange: (talk: Talk) => void;
  onQuality: (talk: Talk, quality: Quality) => void;
  /** Sound or words do not get through: is the way to the exchange still there? */
  onDoubt: () => void;
}

const LOOK_EVERY = 2_000; // milliseconds
const PATIENCE = 2_000;
const AGAIN = 1_500;
export const GIVE_UP = 60_000;
/** As many milliseconds as one gives to finding addresses: a server that does not answer must not hold up a call. */
const GATHERING = 600;

export class Talk {
  state: TalkState = "ringing";
  muted = false;
  /** Why it ended, in JsSIP's words; empty while it is on. */
  cause = "";
  /** When it was picked up, in milliseconds of the epoch. */
  since: number | null = null;
  quality: Quality = UNKNOWN;
  /** Whether the call came with a picture, or was begun with one. */
  withPicture = false;
  /** What is seen of the other side; null while nothing was sent. */
  picture: MediaStream | null = null;
  readonly audio: HTMLAudioElement;
  private stream: MediaStream | null = null;
  private meter: Level | null = null;
  private readonly watch = new Watch();
  private looking: ReturnType<typeof setInterval> | undefined;
  private trying: ReturnType<typeof setTimeout> | undefined;
  private lostAt: number | null = null;
  private wanted = false;
  private readonly end: (options?: object) => void;

  constructor(
    readonly session: Session,
    private readonly handlers: TalkHandlers,
    readonly answerAtOnce = false,
    private readonly now: () => number = () => Date.now(),
  ) {
    this.audio = document.createElement("audio");
    this.audio.autoplay = true;
    this.end = session.terminate.bind(session);
    // JsSIP ends a call at the first trouble of the network. We end it when the person does, or when it is hopeless.
    session.terminate = (options?: object) => {
      if (this.wanted || !session.isEstablished()) this.end(options);
      else this.lose();
    };
    session.onTransportError = () => {
      if (session.isEstablished()) this.lose();
      else if (!session.isEnded()) this.end({ status_code: 480 });
    };
    session.onRequestTimeout = () => this.lose();
    // The exchange says that it knows of no such call (RFC 3261, 12.2.1.2): it ended while we were away.
    session.onDialogError = () => this.hangUp();
    this.listen();
  }

  get id(): string {
    return this.session.id;
  }

  get incoming(): boolean {
    return this.session.direction === "incoming";
  }

  get number(): string {
    const { uri } = this.session.remote_identity;
    return uri.user === "anonymous" ? "" : uri.user;
  }

  get isOn(): boolean {
    return this.state !== "over" && this.state !== "ringing";
  }

  /** Pick up, with this microphone. */
  answer(stream: MediaStream, ice: RTCIceServer[]): void {
    if (this.state !== "ringing") {
      closeStream(stream);
      return;
    }
    this.take(stream);
    this.move("answering");
    this.session.answer({
      mediaStream: stream,
      pcConfig: { iceServers: ice },
      mediaConstraints: { audio: true, video: stream.getVideoTracks().length > 0 },
    });
  }

  /** The own camera of this call; null while it is off. */
  get camera(): MediaStreamTrack | null {
    const track = pictureOf(this.session.connection)?.sender.track ?? null;
    return track ?? (this.since === null ? (this.stream?.getVideoTracks()[0] ?? null) : null);
  }

  /** Another camera, or none (null), in the middle of a call. The one before is closed: its light goes out. */
  async show(track: MediaStreamTrack | null): Promise<void> {
    if (!this.isOn) {
      track?.stop();
      return;
    }
    for (const before of this.stream?.getVideoTracks() ?? []) {
      if (before === track) continue;
      before.stop();
      this.stream?.removeTrack(before);
    }
    if (track) this.stream?.addTrack(track);
    if (await send(this.session.connection, track)) this.session.renegotiate({});
    this.handlers.onChange(this);
  }

  /** The microphone of this call; it is closed with the call. */
  take(stream: MediaStream): void {
    this.stream = stream;
  }

  /** Leave, or do not pick up. `reason` is told to the exchange as a cause of Q.850, where there is one. */
  hangUp(reason?: { cause: number; text: string }): void {
    if (this.session.isEnded()) return;
    this.wanted = true;
    const extraHeaders = reason ? [`Reason: Q.850;cause=${reason.cause};text="${reason.text}"`] : [];
    this.session.terminate({ extraHeaders });
  }

  setMuted(muted: boolean): void {
    if (muted === this.muted) return;
    this.muted = muted;
    if (muted) this.session.mute({ audio: true });
    else this.session.unmute({ audio: true });
    this.handlers.onChange(this);
  }

  /** Keys, as signs of RFC 4733. */
  press(keys: string): void {
    if (/^[0-9A-D*#]+$/.test(keys) && this.session.isEstablished()) {
      this.session.sendDTMF(keys, { transportType: "RFC2833", duration: 120, interToneGap: 80 });
    }
  }

  /** How loud the own microphone is, 0 to 1. */
  level(): number {
    if (!this.stream || this.muted || typeof AudioContext !== "function") return 0;
    this.meter ??= new Level(this.stream);
    return this.meter.now();
  }

  playOn(device: string): Promise<void> {
    return playOn(this.audio, device);
  }

  /** Another microphone, in the middle of a call. */
  async speakInto(stream: MediaStream): Promise<void> {
    const track = stream.getAudioTracks()[0];
    const sender = this.session.connection?.getSenders().find((one) => one.track?.kind === "audio");
    if (!track || !sender || !this.isOn) {
      closeStream(stream);
      return;
    }
    track.enabled = !this.muted;
    await sender.replaceTrack(track);
    for (const before of this.stream?.getAudioTracks() ?? []) before.stop();
    for (const picture of this.stream?.getVideoTracks() ?? []) stream.addTrack(picture);
    this.meter?.close();
    this.meter = null;
    this.stream = stream;
  }

  /** The exchange can be reached again: tell it where we are now, and let the sound find its way anew. */
  reach(): void {
    if (!this.session.isEstablished()) return;
    this.lostAt ??= this.now();
    this.restart();
  }

  private listen(): void {
    const { session } = this;
    const connected = (pc: RTCPeerConnection) => {
      pc.addEventListener("track", (event) => this.hear(event));
      pc.addEventListener("iceconnectionstatechange", () => this.ice(pc));
    };
    if (session.connection) connected(session.connection);
    session.on("peerconnection", ((event: { peerconnection: RTCPeerConnection }) =>
      connected(event.peerconnection)) as never);
    session.on("icecandidate", ((event: { ready: () => void }) =>
      setTimeout(event.ready, GATHERING)) as never);
    session.on("accepted", (() => this.begin()) as never);
    session.on("confirmed", (() => this.begin()) as never);
    session.on("ended", ((event: { cause?: string }) => this.over(event.cause)) as never);
    session.on("failed", ((event: { cause?: string }) => this.over(event.cause)) as never);
  }

  private begin(): void {
    if (this.since !== null) return;
    this.since = this.now();
    if (this.muted) this.session.mute({ audio: true });
    if (this.withPicture) void limit(this.session.connection);
    this.looking = setInterval(() => void this.look(), LOOK_EVERY);
    this.move("talking");
  }

  private hear(event: RTCTrackEvent): void {
    if (event.track.kind === "video") {
      this.picture = new MediaStream([event.track]);
      this.handlers.onChange(this);
      return;
    }
    this.audio.srcObject = new MediaStream([event.track]);
    // A page that was never pressed may not sound yet; while the microphone is open it may.
    void this.audio.play?.().catch(() => {});
  }

  private ice(pc: RTCPeerConnection): void {
    if (pc.iceConnectionState === "connected" || pc.iceConnectionState === "completed") this.found();
    else if (pc.iceConnectionState === "disconnected") {
      setTimeout(() => {
        if (pc.iceConnectionState === "disconnected") this.lose();
      }, PATIENCE);
    }
  }

  private found(): void {
    clearTimeout(this.trying);
    this.lostAt = null;
    if (this.state === "lost") this.move("talking");
  }

  /** No sound gets through. */
  private lose(): void {
    if (!this.session.isEstablished()) return;
    this.lostAt ??= this.now();
    if (this.state === "talking") this.move("lost");
    this.handlers.onDoubt();
    this.again();
  }

  private again(): void {
    clearTimeout(this.trying);
    this.trying = setTimeout(() => this.restart(), AGAIN);
  }

  private restart(): void {
    if (!this.session.isEstablished() || this.lostAt === null) return;
    if (this.now() - this.lostAt > GIVE_UP) {
      this.hangUp({ cause: 41, text: "network lost" });
      return;
    }
    const asked = this.session.renegotiate({ rtcOfferConstraints: { iceRestart: true } }, () => {
      const state = this.session.connection?.iceConnectionState;
      if (state === "connected" || state === "completed") this.found();
    });
    if (!asked) this.again();
  }

  private async look(): Promise<void> {
    const pc = this.session.connection;
    if (!pc || this.state === "over") return;
    const report = await pc.getStats().catch(() => null);
    if (!report) return;
    this.quality = this.watch.add(sample(report.values() as Iterable<Record<string, unknown>>, this.now()));
    this.handlers.onQuality(this, this.quality);
  }

  private over(cause = ""): void {
    if (this.state === "over") return;
    clearInterval(this.looking);
    clearTimeout(this.trying);
    this.meter?.close();
    this.meter = null;
    closeStream(this.stream);
    this.stream = null;
    this.audio.srcObject = null;
    this.picture = null;
    this.cause = cause;
    this.move("over");
  }

  private move(state: TalkState): void {
    this.state = state;
    this.handlers.onChange(this);
  }
}
