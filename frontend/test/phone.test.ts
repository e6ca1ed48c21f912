import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { openPage } from "./page.ts";

openPage("<main></main>");
// happy-dom's window carries these; the telephone takes them from the page.
Object.defineProperty(globalThis, "MediaStream", { configurable: true, value: class {} });
Object.defineProperty(globalThis, "WebSocket", {
  configurable: true,
  value: { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 },
});

const { Phone } = await import("../src/parts/phone.ts");
const { AskedLegs } = await import("../src/parts/phone-asked.ts");
const { DoorSocket, LineRefused } = await import("../src/parts/phone-line.ts");
const { GIVE_UP } = await import("../src/parts/phone-talk.ts");

const LINE = {
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

class FakeAgent extends Speaking {
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

class FakeSession extends Speaking {
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

async function telephone(options: Record<string, unknown> = {}) {
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

function rings(agent: FakeAgent, header = ""): FakeSession {
  const session = new FakeSession();
  agent.say("newRTCSession", { originator: "remote", session, request: { getHeader: () => header } });
  return session;
}

test("signs in, and says how it stands", async () => {
  const { phone, agent, told } = await telephone();
  agent.say("registered");
  agent.say("disconnected");
  agent.say("registered");
  assert.deepEqual(told, ["connecting", "ready", "reconnecting", "ready"]);
  phone.stop();
  assert.equal(agent.stopped, true);
  assert.equal(told.at(-1), "off");
});

test("a line that is refused for good is not asked for again", async () => {
  const { told } = await telephone({
    line: async () => Promise.reject(new LineRefused(404, "No telephone")),
  });
  assert.deepEqual(told, ["connecting", "line-refused", "refused"]);
});

test("what rings waits for an answer, and takes the microphone with it", async () => {
  const { phone, agent } = await telephone();
  const session = rings(agent);
  assert.equal(phone.talk?.state, "ringing");
  assert.equal(session.answered, null);
  assert.ok(phone.talk && (await phone.answer(phone.talk)));
  assert.ok(session.answered);
  session.pickedUp();
  assert.equal(phone.talk?.state, "talking");
  phone.stop();
});

test("a leg that this page asked for moments ago is picked up, and no other", async () => {
  const { phone, agent } = await telephone();
  const other = rings(agent, "somebody");
  phone.expect("mine");
  const session = rings(agent, "mine");
  await new Promise((resolve) => setImmediate(resolve));
  assert.ok(session.answered);
  assert.equal(other.answered, null);
  phone.stop();
});

test("a leg that rings already is picked up when the page says that it has asked for it", async () => {
  const { phone, agent } = await telephone();
  const session = rings(agent, "mine");
  assert.equal(session.answered, null);
  phone.expect("mine");
  await new Promise((resolve) => setImmediate(resolve));
  assert.ok(session.answered);
  phone.stop();
});

test("what was asked for is good for one time, and for moments", () => {
  let now = 0;
  const asked = new AskedLegs(() => now);
  asked.ask("a");
  assert.equal(asked.takes("b"), false);
  assert.equal(asked.takes("a"), true);
  assert.equal(asked.takes("a"), false);
  asked.ask("a");
  now = 20_001;
  assert.equal(asked.takes("a"), false);
  asked.ask("");
  assert.equal(asked.takes(""), false);
});

test("without a microphone nothing is picked up, and it is said why", async () => {
  const { phone, agent, told } = await telephone({
    microphone: () => Promise.reject(new DOMException("no", "NotAllowedError")),
  });
  const session = rings(agent);
  assert.ok(phone.talk);
  assert.equal(await phone.answer(phone.talk), false);
  assert.equal(told.at(-1), "microphone-refused");
  assert.match(session.bye?.extraHeaders?.[0] ?? "", /cause=21/);
  phone.stop();
});

test("a third call finds it busy", async () => {
  const { phone, agent } = await telephone();
  rings(agent);
  rings(agent);
  assert.equal(rings(agent).bye?.status_code, 486);
  phone.stop();
});

test("trouble of the network does not end a call: the sound finds its way anew once the exchange is back", async () => {
  const { phone, agent } = await telephone();
  agent.say("registered");
  const session = rings(agent);
  const talk = phone.talk;
  assert.ok(talk);
  await phone.answer(talk);
  session.pickedUp();
  session.terminate({ extraHeaders: [] }); // as JsSIP does when ICE fails
  assert.equal(session.ended, false);
  assert.equal(talk.state, "lost");
  session.onTransportError?.();
  assert.equal(session.ended, false);
  agent.say("disconnected");
  agent.say("registered");
  assert.deepEqual(session.offers, [{ rtcOfferConstraints: { iceRestart: true } }]);
  session.connection = { iceConnectionState: "connected" };
  session.found?.();
  assert.equal(talk.state, "talking");
  talk.hangUp();
  assert.equal(session.ended, true);
  phone.stop();
});

test("a call of which the exchange knows nothing any more is over at once", async () => {
  const { phone, agent } = await telephone();
  agent.say("registered");
  const session = rings(agent);
  const { talk } = phone;
  assert.ok(talk);
  await phone.answer(talk);
  session.pickedUp();
  agent.say("disconnected");
  agent.say("registered");
  session.onDialogError?.();
  assert.equal(session.ended, true);
  assert.equal(talk.state, "over");
  assert.equal(phone.talks.size, 0);
  phone.stop();
});

test("a call that is not found again within a minute is ended, with a cause that brings the caller back into line", async () => {
  mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"], now: 1_000_000 });
  try {
    const { phone, agent } = await telephone();
    const session = rings(agent);
    assert.ok(phone.talk);
    await phone.answer(phone.talk);
    session.pickedUp();
    session.renegotiate = () => false;
    session.terminate();
    mock.timers.tick(GIVE_UP - 2_000);
    assert.equal(session.ended, false);
    for (let step = 0; step < 4; step += 1) mock.timers.tick(2_000);
    assert.equal(session.ended, true);
    assert.match(session.bye?.extraHeaders?.[0] ?? "", /cause=41/);
    phone.stop();
  } finally {
    mock.timers.reset();
  }
});

test("whoever leaves the page gives the caller to somebody else", async () => {
  const { phone, agent } = await telephone();
  const session = rings(agent);
  assert.ok(phone.talk);
  await phone.answer(phone.talk);
  session.pickedUp();
  phone.leave();
  assert.match(session.bye?.extraHeaders?.[0] ?? "", /Q\.850;cause=41/);
  phone.stop();
});

test("muting lasts, also when it came before the call", async () => {
  const { phone, agent } = await telephone();
  const session = rings(agent);
  const talk = phone.talk;
  assert.ok(talk);
  talk.setMuted(true);
  await phone.answer(talk);
  session.muted = false; // the microphone comes with the answer
  session.pickedUp();
  assert.equal(session.muted, true);
  talk.setMuted(false);
  assert.equal(session.muted, false);
  phone.stop();
});

class FakeWebSocket {
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

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("the door is opened with a fresh ticket each time", async () => {
  const made: FakeWebSocket[] = [];
  let asked = 0;
  const told: string[] = [];
  const door = new DoorSocket(
    LINE,
    async () => {
      asked += 1;
      return { ...LINE, socket: `/live/telephone/t${asked + 1}`, secret: "s2" };
    },
    (line) => told.push(line.secret),
    () => {},
    (url, protocol) => {
      const one = new FakeWebSocket(url, protocol);
      made.push(one);
      return one as unknown as WebSocket;
    },
  );
  const lost: boolean[] = [];
  door.ondisconnect = (error) => lost.push(error);
  door.connect();
  await settled();
  assert.equal(made[0]?.url, "wss://saltmere.test/live/telephone/t1");
  assert.equal(made[0]?.protocol, "sip");
  made[0]?.open();
  assert.equal(door.send("REGISTER"), true);
  made[0]?.onclose({ wasClean: false, code: 1006, reason: "" });
  assert.deepEqual(lost, [true]);
  assert.equal(door.send("REGISTER"), false);
  door.connect();
  door.connect(); // once is enough
  await settled();
  assert.equal(made[1]?.url, "wss://saltmere.test/live/telephone/t2");
  assert.deepEqual(told, ["s1", "s2"]);
  made[1]?.open();
  door.drop();
  assert.equal(made[1]?.closed, true);
  assert.deepEqual(lost, [true, true]);
  made[1]?.onclose({ wasClean: true, code: 1000, reason: "" });
  assert.deepEqual(lost, [true, true]); // said once
});

const { KeySender } = await import("../src/surfaces/desk-call.ts");

test("keys never overtake each other, and what could not be sent is not sent late", async () => {
  const sent: string[] = [];
  let free: (worked: boolean) => void = () => {};
  const sender = new KeySender((keys) => {
    sent.push(keys);
    return new Promise((resolve) => {
      free = resolve;
    });
  });
  void sender.press("1");
  void sender.press("2");
  void sender.press("3");
  assert.deepEqual(sent, ["1"]);
  free(true);
  await settled();
  assert.deepEqual(sent, ["1", "23"]);
  void sender.press("4");
  free(false);
  await settled();
  assert.deepEqual(sent, ["1", "23"]);
  void sender.press("5");
  assert.deepEqual(sent, ["1", "23", "5"]);
});
