// A browser's telephone without an exchange: what JsSIP, the door and the microphone say, a test says.
import { openPage } from "./page.ts";

openPage("<main></main>");
// happy-dom's window carries these; the telephone takes them from the page.
Object.defineProperty(globalThis, "MediaStream", { configurable: true, value: class {} });
Object.defineProperty(globalThis, "WebSocket", {
  configurable: true,
  value: { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 },
});

const { Phone } = await import("../src/parts/phone.ts");

export const LINE = {
  socket: "/live/telephone/t1",
  address: "sip:browser-7001@civicline.invalid",
  user: "browser-7001",
  secret: "s1",
  ice: [],
  dial: null,
};

type Heard = (event?: unknown) => void;

/** Anything of JsSIP that says what happens. */
class Speaking {
  private readonly ears = new Map<string, Heard[]>();
  on(name: string, heard: Heard): void {
    this.ears.set(name, [...(this.ears.get(name) ?? []), heard]);
  }
  say(name: string, event?: unknown): void {
    for (const ear of this.ears.get(name) ?? []) ear(event);
  }
}

export class FakeAgent extends Speaking {
  registered = 0;
  stopped = false;
  readonly settings: Record<string, string> = {};
  start(): void {}
  stop(): void {
    this.stopped = true;
  }
  register(): void {
    this.registered += 1;
  }
  set(name: string, value: string): boolean {
    this.settings[name] = value;
    return true;
  }
  call(): unknown {
    return new FakeSession("outgoing");
  }
}

export class FakeSession extends Speaking {
  id = crypto.randomUUID();
  connection: { iceConnectionState: string } | null = null;
  remote_identity = { display_name: "", uri: { user: "+442079460123" } };
  established = false;
  ended = false;
  answered: { mediaStream?: unknown } | null = null;
  muted = false;
  offers: object[] = [];
  bye: { extraHeaders?: string[]; status_code?: number } | null = null;
  onTransportError?: () => void;
  onDialogError?: () => void;
  constructor(readonly direction = "incoming") {
    super();
  }
  answer(options: { mediaStream?: unknown }): void {
    this.answered = options;
  }
  terminate(options: { extraHeaders?: string[] } = {}): void {
    this.bye = options;
    this.ended = true;
    this.established = false;
    this.say("ended", { cause: "Terminated" });
  }
  renegotiate(options: object, done?: () => void): boolean {
    this.offers.push(options);
    this.found = done;
    return true;
  }
  found: (() => void) | undefined;
  sendDTMF(): void {}
  mute(): void {
    this.muted = true;
  }
  unmute(): void {
    this.muted = false;
  }
  isEstablished(): boolean {
    return this.established;
  }
  isEnded(): boolean {
    return this.ended;
  }
  pickedUp(): void {
    this.established = true;
    this.say("accepted");
  }
}

const microphone = () => {
  const track = { stopped: false, stop: () => undefined };
  return {
    getTracks: () => [track],
    getAudioTracks: () => [track],
    getVideoTracks: () => [],
  } as unknown as MediaStream;
};

export async function telephone(options: Record<string, unknown> = {}) {
  const agent = new FakeAgent();
  const told: string[] = [];
  const phone = new Phone({
    line: async () => LINE,
    agent: () => agent as never,
    microphone: async () => microphone(),
    onState: (state: string) => told.push(state),
    onTrouble: (trouble: string) => told.push(trouble),
    ...options,
  } as never);
  await phone.start();
  return { phone, agent, told };
}

export function rings(agent: FakeAgent, header = ""): FakeSession {
  const session = new FakeSession();
  agent.say("newRTCSession", { originator: "remote", session, request: { getHeader: () => header } });
  return session;
}

export class FakeWebSocket {
  readyState = 0;
  binaryType = "";
  sent: unknown[] = [];
  closed = false;
  onopen: Heard = () => {};
  onmessage: Heard = () => {};
  onclose: Heard = () => {};
  constructor(
    readonly url: string,
    readonly protocol: string,
  ) {}
  send(data: unknown): void {
    this.sent.push(data);
  }
  close(): void {
    this.closed = true;
  }
  open(): void {
    this.readyState = 1;
    this.onopen();
  }
}

export const settled = () => new Promise((resolve) => setImmediate(resolve));
