import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PaymentFields } from "../src/surfaces/desk-payment.ts";
import { clockWords, markerBeside, startPlayers } from "../src/surfaces/player.ts";
import { openPage } from "./page.ts";

describe("a recording", () => {
  it("tells its time as a clock", () => {
    assert.deepEqual([0, 7.4, 60, 754, 3723].map(clockWords), ["0:00", "0:07", "1:00", "12:34", "1:02:03"]);
  });
  it("goes from marker to marker, and back beyond the one that just began", () => {
    const markers = [1, 5, 9];
    assert.equal(markerBeside(markers, 0, 1), 1);
    assert.equal(markerBeside(markers, 5, 1), 9);
    assert.equal(markerBeside(markers, 9, 1), null);
    assert.equal(markerBeside(markers, 9.4, -1), 5);
    assert.equal(markerBeside(markers, 1, -1), null);
  });
  it("plays on its own page by the key before anything has the focus, and beside a conversation does not", () => {
    const player = '<section data-player data-seconds="9"><audio data-sound></audio></section>';
    for (const [around, plays] of [
      ["data-player-page", 1],
      ["", 0],
    ] as const) {
      const page = openPage(`<main id="main"><div ${around}>${player}</div></main>`);
      let played = 0;
      const sound = document.querySelector("audio") as HTMLAudioElement;
      sound.play = async () => {
        played += 1;
      };
      startPlayers(document);
      const space = new page.KeyboardEvent("keydown", { key: " ", bubbles: true });
      page.document.getElementById("main")?.dispatchEvent(space);
      assert.equal(played, plays);
    }
  });
});

describe("fields for payment data", () => {
  it("silence the recording once, keep the order, and let it go on when they are left", async () => {
    const page = openPage(
      `<div data-payment-silence="/silence" data-payment-go-on="/go-on"><input data-payment id="a"><input data-payment id="b"></div><input id="c">`,
    );
    const told: string[] = [];
    const fields = new PaymentFields(async (url) => told.push(url));
    const find = (id: string) => page.document.getElementById(id) as unknown as Element;
    fields.look(find("a"));
    fields.look(null);
    fields.look(find("b"));
    await Promise.resolve();
    assert.deepEqual(told, ["/silence"]);
    fields.look(find("c"));
    await new Promise((done) => setTimeout(done, 1600));
    assert.deepEqual(told, ["/silence", "/go-on"]);
  });
});
