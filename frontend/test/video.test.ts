import assert from "node:assert/strict";
import { test } from "node:test";
import { bringsPicture, limit, send } from "../src/parts/phone-picture.ts";
import { PictureWatch } from "../src/parts/picture-watch.ts";
import { type Told, VideoStage } from "../src/surfaces/video-stage.ts";
import { VideoWriting } from "../src/surfaces/video-writing.ts";
import { openPage } from "./page.ts";

const PAGE = `<section><div data-video-stage><video data-video-them></video>
<div data-video-told><p data-video-title></p><p data-video-text></p></div><p data-video-sign hidden></p>
<div data-video-you><video data-video-me></video><p data-video-me-off hidden></p></div></div>
<ol data-video-lines></ol><form data-video-write><input name="text"></form><p data-video-write-said></p></section>`;
const WORDS = {
  "they-off": "Their camera is off.",
  "they-none": "They have no camera.",
  lost: "Interrupted.",
  "not-sent": "Not sent.",
  you: "You",
};

function told(more: Partial<Told>): Told {
  return {
    phase: "talking",
    title: "Connected",
    text: "",
    picture: "on",
    may_waive: false,
    lines: [],
    ...more,
  };
}

function root(): HTMLElement {
  openPage(PAGE);
  return document.querySelector("section") as HTMLElement;
}

const text = (part: string) => document.querySelector(`[data-video-${part}]`)?.textContent ?? "";

test("a picture moves while its frames change, and stands still after three looks without a new one", () => {
  let frames = 0;
  const said: boolean[] = [];
  const video = { getVideoPlaybackQuality: () => ({ totalVideoFrames: frames }) } as HTMLVideoElement;
  const watch = new PictureWatch(video, (moves) => said.push(moves));
  watch.look();
  for (const now of [3, 6, 6, 6]) {
    frames = now;
    watch.look();
  }
  assert.deepEqual(said, [true]);
  watch.look();
  assert.deepEqual(said, [true, false]);
  frames = 9;
  watch.look();
  assert.deepEqual(said, [true, false, true]);
});

test("an invitation brings a picture, refuses one, or knows of none", () => {
  assert.equal(bringsPicture("v=0\r\nm=audio 9 RTP 0\r\nm=video 9 RTP 96\r\n"), true);
  assert.equal(bringsPicture("v=0\r\nm=audio 9 RTP 0\r\nm=video 0 RTP 96\r\n"), false);
  assert.equal(bringsPicture("v=0\r\nm=audio 9 RTP 0\r\n"), false);
});

function connection(direction: string) {
  const sent: unknown[] = [];
  const way = {
    direction,
    receiver: { track: { kind: "video" } },
    sender: {
      replaceTrack: async (track: unknown) => void sent.push(track),
      getParameters: () => ({ encodings: [{}] }) as Record<string, unknown>,
      setParameters: async (wanted: unknown) => void sent.push(wanted),
    },
  };
  return { sent, way, pc: { getTransceivers: () => [way] } as unknown as RTCPeerConnection };
}

test("a camera that begins in the middle of a call has to be told of, one that goes on or off has not", async () => {
  const track = {} as MediaStreamTrack;
  const seeing = connection("recvonly");
  assert.equal(await send(seeing.pc, track), true);
  assert.equal(seeing.way.direction, "sendrecv");
  const both = connection("sendrecv");
  assert.equal(await send(both.pc, null), false);
  assert.equal(await send(both.pc, track), false);
  assert.deepEqual(both.sent, [null, track]);
  assert.equal(await send(null, track), false);
});

test("a narrow line makes the picture smaller and not slower", async () => {
  const one = connection("sendrecv");
  await limit(one.pc);
  assert.deepEqual(one.sent, [
    { encodings: [{ maxBitrate: 800_000 }], degradationPreference: "maintain-framerate" },
  ]);
});

test("everything that happens stands in the picture", () => {
  const stage = new VideoStage(root(), WORDS);
  stage.tell(
    told({ phase: "waiting", title: "You are number 2 in line", text: "It will probably take 5 minutes." }),
  );
  assert.equal(text("title"), "You are number 2 in line");
  assert.equal(text("sign"), "");
  stage.tell(told({ picture: "off" }));
  assert.equal(text("sign"), "Their camera is off.");
  assert.equal(document.querySelector("[data-video-stage]")?.hasAttribute("data-flash"), true);
  stage.tell(told({ picture: "none" }));
  assert.equal(text("sign"), "They have no camera.");
  stage.lose(true);
  assert.equal(text("sign"), "Interrupted.");
});

test("a line is shown once, and one that was not sent stays in its box under its name", async () => {
  const part = root();
  const given: Record<string, string>[] = [];
  let arrives = false;
  const writing = new VideoWriting(part, WORDS, async (fields) => {
    given.push(fields);
    return arrives;
  });
  writing.start();
  writing.add([{ number: 1, side: "them", who: "Amina", text: "<b>Hello</b>" }]);
  writing.add([{ number: 1, side: "them", who: "Amina", text: "<b>Hello</b>" }]);
  assert.equal(document.querySelectorAll("li").length, 1);
  assert.equal(document.querySelector("li span")?.textContent, "<b>Hello</b>");
  assert.equal(writing.hasNews(), true);
  assert.equal(writing.hasNews(), false);
  const field = part.querySelector("input") as HTMLInputElement;
  const submit = async () => {
    part.querySelector("form")?.dispatchEvent(new Event("submit", { cancelable: true }));
    await new Promise((done) => setTimeout(done));
  };
  field.value = "12 Quay Street";
  await submit();
  assert.equal(field.value, "12 Quay Street");
  assert.equal(text("write-said"), "Not sent.");
  arrives = true;
  await submit();
  assert.equal(field.value, "");
  assert.equal(given.length, 2);
  assert.equal(given[0]?.["key"], given[1]?.["key"]);
});
