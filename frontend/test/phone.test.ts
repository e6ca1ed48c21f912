import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage } from "./page.ts";
import { rings, settled, telephone } from "./telephone.ts";

const { AskedLegs } = await import("../src/parts/phone-asked.ts");
const { LineRefused } = await import("../src/parts/phone-line.ts");
const { closeDone, KeySender } = await import("../src/surfaces/desk-call.ts");

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

test("whoever is refused a line in mid-call is off it, and the caller goes back to their place", async () => {
  const { phone, agent } = await telephone();
  const session = rings(agent);
  assert.ok(phone.talk);
  await phone.answer(phone.talk);
  session.pickedUp();
  (phone as unknown as { notGiven(error: unknown): void }).notGiven(new LineRefused(403, "Signed out"));
  assert.equal(session.ended, true);
  assert.match(session.bye?.extraHeaders?.[0] ?? "", /cause=41/);
  assert.equal(phone.state, "refused");
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

test("a menu whose form was taken closes, and no other does", () => {
  openPage(
    "<details class='menu' id='keypad' open><form></form></details>" +
      "<details class='menu menu-form' id='call-ask' open><form></form></details>",
  );
  const open = () => [...document.querySelectorAll("details[open]")].map((one) => one.id);
  closeDone(document.querySelector("#keypad form"));
  assert.deepEqual(open(), ["keypad", "call-ask"]);
  closeDone(document.querySelector("#call-ask form"));
  assert.deepEqual(open(), ["keypad"]);
});
