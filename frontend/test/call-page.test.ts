import assert from "node:assert/strict";
import { test } from "node:test";
import { clock, GuestCall, guestLine } from "../src/parts/guest-call.ts";
import { type Line, LineRefused } from "../src/parts/phone-line.ts";
import { openPage } from "./page.ts";

interface Asked {
  url: string;
  body: string;
  token: string;
}

function answering(answers: { status: number; told: unknown }[]): Asked[] {
  const asked: Asked[] = [];
  globalThis.fetch = (async (
    url: string,
    how: { body: URLSearchParams; headers: Record<string, string> },
  ) => {
    asked.push({ url, body: String(how.body), token: how.headers["X-CSRFToken"] ?? "" });
    const { status, told } = answers.shift() ?? { status: 500, told: {} };
    return { ok: status === 200, status, json: async () => told };
  }) as unknown as typeof fetch;
  return asked;
}

test("who comes back shows the ticket of before, and asks for the same line", async () => {
  const asked = answering([
    { status: 200, told: { socket: "/live/telephone/one", user: "guest-1" } },
    { status: 200, told: { socket: "/live/telephone/two", user: "guest-1" } },
  ]);
  openPage('<meta name="csrf-token" content="token">');
  const ask = guestLine("/en/call/line/");
  assert.equal((await ask()).socket, "/live/telephone/one");
  assert.equal((await ask()).socket, "/live/telephone/two");
  assert.deepEqual(
    asked.map((one) => one.body),
    ["", "again=%2Flive%2Ftelephone%2Fone"],
  );
  assert.equal(asked[0]?.token, "token");
});

test("a refusal is told in the words of the answer, and one without words stays a refusal", async () => {
  answering([
    { status: 503, told: { detail: "All lines are taken." } },
    { status: 403, told: null },
  ]);
  const ask = guestLine("/en/call/line/");
  await assert.rejects(
    ask(),
    (error: unknown) => error instanceof LineRefused && error.message === "All lines are taken.",
  );
  await assert.rejects(ask(), (error: unknown) => error instanceof LineRefused && error.status === 403);
});

test("who hangs up before there is a line is not called, and the microphone is closed", async () => {
  let guest!: GuestCall;
  let closed = 0;
  const sound = { getTracks: () => [{ stop: () => closed++ }] } as unknown as MediaStream;
  let give: (line: Line) => void = () => {};
  const asked = new Promise<void>((hear) => {
    const ask = () => {
      hear();
      return new Promise<Line>((answer) => {
        give = answer;
      });
    };
    const never = () => assert.fail("nothing is told of a call that was ended");
    guest = new GuestCall(ask, { stands: never, over: never, failed: never });
  });
  const started = guest.start(sound);
  await asked;
  guest.stop();
  give({ socket: "/live/telephone/one" } as Line);
  await started;
  assert.equal(closed, 1);
});

test("the clock counts minutes and seconds, and never backwards", () => {
  assert.deepEqual([0, 59_999, 60_000, 3_600_000, -5].map(clock), ["0:00", "0:59", "1:00", "60:00", "0:00"]);
});
