// The network goes away, and comes back: the telephone, the call, and the door to the exchange.
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { FakeAgent, FakeWebSocket, LINE, rings, settled, telephone } from "./telephone.ts";

const { DoorSocket, OPENS_WITHIN } = await import("../src/parts/phone-line.ts");
const { GIVE_UP } = await import("../src/parts/phone-talk.ts");

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

function doorOf(made: FakeWebSocket[]) {
  const door = new DoorSocket(
    LINE,
    async () => LINE,
    () => {},
    () => {},
    (url, protocol) => {
      const one = new FakeWebSocket(url, protocol);
      made.push(one);
      return one as unknown as WebSocket;
    },
  );
  return door;
}

test("a door that does not open in time is knocked at again", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    const made: FakeWebSocket[] = [];
    const door = doorOf(made);
    const lost: boolean[] = [];
    door.ondisconnect = (error) => lost.push(error);
    door.connect();
    await settled();
    mock.timers.tick(OPENS_WITHIN);
    assert.deepEqual(lost, [true]);
    door.connect();
    await settled();
    made[1]?.open();
    mock.timers.tick(OPENS_WITHIN);
    assert.deepEqual(lost, [true]);
    assert.equal(door.isConnected(), true);
  } finally {
    mock.timers.reset();
  }
});

test("a guest asks the door itself whether it is there, and comes back when it says nothing", async () => {
  const sockets: { ping(): void; connect(): void; ondisconnect: (error: boolean) => void }[] = [];
  const made: FakeWebSocket[] = [];
  const { phone, agent } = await telephone({
    register: false,
    agent: (configuration: { sockets: typeof sockets; connection_recovery_max_interval: number }) => {
      sockets.push(...configuration.sockets);
      assert.ok(configuration.connection_recovery_max_interval < 5);
      return new FakeAgent();
    },
  });
  assert.ok(sockets[0]);
  assert.equal(agent.registered, 0);
  const door = doorOf(made);
  (phone as unknown as { door: unknown }).door = door;
  const lost: boolean[] = [];
  door.ondisconnect = (error) => lost.push(error);
  door.connect();
  await settled();
  made[0]?.open();
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: Date.now() + 1_000 });
  try {
    phone.check();
    assert.deepEqual(made[0]?.sent, ["\r\n\r\n"]);
    mock.timers.tick(10);
    made[0]?.onmessage({ data: "\r\n" });
    mock.timers.tick(5_000);
    assert.deepEqual(lost, []);
    phone.check();
    mock.timers.tick(5_000);
    assert.deepEqual(lost, [true]);
  } finally {
    mock.timers.reset();
  }
  phone.stop();
});
