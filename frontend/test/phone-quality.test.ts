import assert from "node:assert/strict";
import { test } from "node:test";
import { loudness } from "../src/parts/phone-devices.ts";
import { grade, sample, Watch } from "../src/parts/phone-quality.ts";

const at = (moment: number, more: object = {}) => ({
  at: moment,
  received: moment / 20,
  lost: 0,
  jitter: 0.005,
  roundTrip: 0.04,
  lostThere: 0,
  ...more,
});

test("the quality is as good as its worst part", () => {
  const first = at(0);
  assert.equal(grade(first, at(2000)).grade, "good");
  assert.equal(grade(first, at(2000, { lost: 3 })).grade, "fair");
  assert.equal(grade(first, at(2000, { lost: 20 })).grade, "poor");
  assert.equal(grade(first, at(2000, { lostThere: 0.2 })).grade, "poor");
  assert.equal(grade(first, at(2000, { jitter: 0.045 })).grade, "fair");
  assert.equal(grade(first, at(2000, { roundTrip: 1.2 })).grade, "poor");
  assert.equal(grade(first, at(2000, { received: 0 })).grade, "unknown");
  assert.equal(grade(first, at(2000, { roundTrip: null })).roundTrip, null);
});

test("one bad moment changes no words, two in a row do", () => {
  const watch = new Watch(2);
  watch.add(at(0));
  assert.equal(watch.add(at(2000)).grade, "good");
  assert.equal(watch.add(at(4000, { roundTrip: 1.2 })).grade, "good");
  assert.equal(watch.add(at(6000, { roundTrip: 1.2 })).grade, "poor");
});

test("a report of the browser is read, whatever else it holds", () => {
  const rows = [
    { type: "inbound-rtp", kind: "video", packetsReceived: 9 },
    { type: "inbound-rtp", kind: "audio", packetsReceived: 100, packetsLost: 2, jitter: 0.01 },
    { type: "remote-inbound-rtp", kind: "audio", roundTripTime: 0.2, fractionLost: 0.5 },
    { type: "candidate-pair", nominated: true, currentRoundTripTime: 0.9 },
  ];
  assert.deepEqual(sample(rows, 5), {
    at: 5,
    received: 100,
    lost: 2,
    jitter: 0.01,
    roundTrip: 0.2,
    lostThere: 0.5,
  });
  assert.equal(sample([], 5), null);
});

test("loudness goes by the ear: silence is nothing, a whisper something, full scale all", () => {
  assert.equal(loudness([]), 0);
  assert.equal(loudness([0, 0]), 0);
  assert.equal(loudness([1, -1]), 1);
  assert.ok(Math.abs(loudness([0.0316, -0.0316]) - 0.5) < 0.01);
});
