import assert from "node:assert/strict";
import { beforeEach, describe, it, mock } from "node:test";
import { PlaceSpeaker, say } from "../src/parts/announcer.ts";
import { clock, drawClocks, relative } from "../src/parts/clocks.ts";
import { Countdown } from "../src/parts/countdown.ts";
import { Drafts } from "../src/parts/drafts.ts";
import { startErrorSummary } from "../src/parts/error-summary.ts";
import { countCharacters, startForms } from "../src/parts/forms.ts";
import { answering, concerns, hear, lastNumber } from "../src/parts/fragments.ts";
import { OfflineBar } from "../src/parts/offline-bar.ts";
import { choose, fit, Palette } from "../src/parts/palette.ts";
import { renew } from "../src/parts/renewal.ts";
import { SOUNDS, Speaker } from "../src/parts/sound.ts";
import { Still } from "../src/parts/still.ts";
import { openPage } from "./page.ts";

const REGIONS = '<div id="say-polite"></div><div id="say-assertive"></div>';

beforeEach(() => mock.timers.reset());

describe("announcements", () => {
  it("are said again when the words are the same", () => {
    openPage(REGIONS);
    mock.timers.enable({ apis: ["setTimeout"] });
    say("Saved at 10:41");
    mock.timers.tick(60);
    say("Saved at 10:41");
    assert.equal(document.getElementById("say-polite")?.textContent, "");
    mock.timers.tick(60);
    assert.equal(document.getElementById("say-polite")?.textContent, "Saved at 10:41");
  });

  it("of a place come when it changes or the range moves by two minutes, once a minute at most", () => {
    let now = 0;
    const speaker = new PlaceSpeaker(() => now);
    assert.equal(speaker.shouldSay({ place: 3, low: 2, high: 5 }), true);
    now = 30_000;
    assert.equal(speaker.shouldSay({ place: 2, low: 2, high: 5 }), false);
    now = 60_000;
    assert.equal(speaker.shouldSay({ place: 2, low: 2, high: 5 }), true);
    now = 200_000;
    assert.equal(speaker.shouldSay({ place: 2, low: 2, high: 6 }), false);
    assert.equal(speaker.shouldSay({ place: 2, low: 4, high: 7 }), true);
    now = 300_000;
    assert.equal(speaker.shouldSay({ place: 2, low: null, high: null }), true);
  });
});

describe("the error summary", () => {
  it("takes the focus and leads to the field", () => {
    openPage(
      '<div data-error-summary tabindex="-1"><a id="l" href="#pc">Enter your postcode</a></div><label for="pc">Postcode</label><input id="pc">',
    );
    startErrorSummary(document);
    assert.ok(document.activeElement?.hasAttribute("data-error-summary"));
    document.getElementById("l")?.click();
    assert.equal(document.activeElement?.id, "pc");
  });
});

describe("clocks", () => {
  it("read as people say them", () => {
    assert.equal(clock(372), "6:12");
    assert.equal(clock(3849), "1:04:09");
    assert.equal(clock(-3), "0:00");
    const now = new Date("2026-03-10T10:42:00Z");
    assert.equal(relative(new Date("2026-03-10T10:39:00Z"), now, "en"), "3 minutes ago");
    assert.equal(relative(new Date("2026-03-09T09:00:00Z"), now, "en"), "yesterday");
  });
  it("are drawn in place", () => {
    openPage('<span data-since="1000"></span>');
    drawClocks(document, new Date(1_372_000));
    assert.equal(document.querySelector("span")?.textContent, "6:12");
  });
});

describe("the countdown of an offer", () => {
  it("speaks at the start and at five seconds only, and ends with an event", () => {
    openPage(
      `${REGIONS}<div class="offer"><span data-countdown="8"><b data-countdown-number>8</b></span></div>`,
    );
    mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
    const element = document.querySelector<HTMLElement>("[data-countdown]") as HTMLElement;
    let over = 0;
    document.addEventListener("countdown:over", () => {
      over += 1;
    });
    new Countdown(element, { start: "Chat. 8 seconds to answer.", last: "5 seconds." }).start();
    mock.timers.tick(60);
    const region = document.getElementById("say-assertive");
    assert.equal(region?.textContent, "Chat. 8 seconds to answer.");
    mock.timers.tick(2_000);
    assert.equal(region?.textContent, "Chat. 8 seconds to answer.");
    mock.timers.tick(1_100);
    mock.timers.tick(60);
    assert.equal(region?.textContent, "5 seconds.");
    assert.ok(document.querySelector(".offer")?.classList.contains("offer-last"));
    mock.timers.tick(6_000);
    assert.equal(over, 1);
    assert.equal(element.textContent, "0");
  });
});

describe("drafts", () => {
  it("are kept for a week, forgotten when empty, and survive what others wrote", () => {
    openPage("");
    let now = 1_000;
    const drafts = new Drafts(localStorage, () => now);
    assert.equal(drafts.write("contact:1", "That is great"), true);
    assert.equal(drafts.read("contact:1"), "That is great");
    localStorage.setItem("civicline:draft:old", "{broken");
    assert.equal(drafts.read("old"), "");
    now += 8 * 24 * 3600 * 1000;
    drafts.sweep();
    assert.equal(localStorage.length, 0);
    drafts.write("contact:1", "x");
    drafts.write("contact:1", "  ");
    assert.equal(localStorage.length, 0);
  });
  it("say when the browser keeps nothing", () => {
    assert.equal(new Drafts(null).write("a", "text"), false);
    assert.equal(new Drafts(null).read("a"), "");
  });
});

describe("the palette", () => {
  const commands = [
    { id: "t", words: "Transfer to a queue", also: "hand over" },
    { id: "h", words: "Hold" },
    { id: "é", words: "État du dossier" },
  ];
  it("finds by the beginnings of words, without accents", () => {
    assert.deepEqual(
      choose(commands, "que tr").map((one) => one.id),
      ["t"],
    );
    assert.deepEqual(
      choose(commands, "etat").map((one) => one.id),
      ["é"],
    );
    assert.deepEqual(
      choose(commands, "h").map((one) => one.id),
      ["h", "t"],
    );
    assert.equal(fit({ id: "x", words: "Hold" }, "old"), null);
  });
  it("runs what is chosen with the arrows", () => {
    openPage('<dialog id="palette"><input><ul role="listbox" data-none="Nothing fits."></ul></dialog>');
    const ran: string[] = [];
    const dialog = document.querySelector("dialog") as HTMLDialogElement;
    const palette = new Palette(
      () => [
        { id: "a", words: "Accept", run: () => ran.push("a") },
        { id: "d", words: "Decline", run: () => ran.push("d") },
      ],
      [],
      dialog,
    ).start();
    palette.open();
    const input = dialog.querySelector("input") as HTMLInputElement;
    assert.equal(input.getAttribute("aria-activedescendant"), "palette-0");
    input.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowDown", cancelable: true }));
    input.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", cancelable: true }));
    assert.deepEqual(ran, ["d"]);
    assert.equal(dialog.open, false);
  });
});

describe("sounds", () => {
  it("duck by 18 dB during a call, and an emergency never falls under 40 %", () => {
    const speaker = new Speaker(() => assert.fail("no sound is made here"));
    speaker.volume = 0;
    assert.equal(speaker.level("offer-voice"), 0);
    assert.equal(speaker.level("emergency"), 0.4);
    speaker.volume = 1;
    speaker.duringCall = true;
    assert.ok(Math.abs(speaker.level("offer-voice") - 0.1259) < 0.001);
    assert.equal(speaker.level("message"), 0);
    assert.equal(SOUNDS["offer-voice"].every, 3);
  });
  it("are silent where there is no audio", () => {
    const speaker = new Speaker(() => {
      throw new Error("no device");
    });
    speaker.play("offer-written");
    speaker.stopAll();
  });
});

describe("the offline bar", () => {
  it("comes and goes with what was sent meanwhile", () => {
    openPage(
      `${REGIONS}<div data-offline hidden data-back="Back." data-sent-one="1 message sent." data-sent-many="{count} messages sent."><p><strong>No connection.</strong> Kept.</p></div>`,
    );
    mock.timers.enable({ apis: ["setTimeout"] });
    const bar = new OfflineBar();
    const element = document.querySelector<HTMLElement>("[data-offline]");
    bar.show("away");
    assert.equal(element?.hidden, true);
    bar.show("offline");
    assert.equal(element?.hidden, false);
    bar.sent(2);
    bar.show("live");
    assert.equal(element?.textContent?.trim(), "Back. 2 messages sent.");
    mock.timers.tick(4_000);
    assert.equal(element?.hidden, true);
    bar.show("offline");
    assert.match(element?.textContent ?? "", /No connection/);
  });
});

describe("lists", () => {
  it("do not move under a pointer", () => {
    openPage("<ul><li><a href='/one'>One</a></li></ul>");
    const list = document.querySelector("ul") as HTMLElement;
    const still = new Still(list);
    const made: string[] = [];
    list.dispatchEvent(new Event("pointerenter"));
    still.change(() => made.push("first"));
    still.change(() => made.push("second"));
    assert.deepEqual(made, []);
    list.dispatchEvent(new Event("pointerleave"));
    assert.deepEqual(made, ["second"]);
  });
  it("change under a pointer while nothing in them can be pressed", () => {
    openPage("<ul><li>You are free. The next contact rings here.</li></ul>");
    const list = document.querySelector("ul") as HTMLElement;
    const still = new Still(list);
    const made: string[] = [];
    list.dispatchEvent(new Event("pointerenter"));
    still.change(() => made.push("at once"));
    assert.deepEqual(made, ["at once"]);
  });
  it("are fetched by what stands in their place when an answer replaced them a moment after the hint", () => {
    mock.timers.enable({ apis: ["setTimeout"] });
    openPage('<div id="offers" data-topic="agent:7" data-kinds="offer"></div>');
    hear({ topic: "agent:7", kind: "offer", id: "a", seq: 1 });
    const fresh = document.createElement("div");
    fresh.id = "offers";
    let fetched = 0;
    fresh.addEventListener("live", () => {
      fetched += 1;
    });
    document.querySelector("#offers")?.replaceWith(fresh);
    mock.timers.tick(20);
    assert.equal(fetched, 1);
  });
  it("are fetched under a pointer for what comes with them, and once more when they are let go", () => {
    mock.timers.enable({ apis: ["setTimeout"] });
    openPage('<div id="hand" data-still data-topic="agent:7"><a href="/one">One</a></div>');
    const list = document.querySelector("#hand") as HTMLElement;
    let fetched = 0;
    list.addEventListener("live", () => {
      fetched += 1;
    });
    const hint = () => {
      hear({ topic: "agent:7", kind: "presence", id: "7", seq: 1 });
      mock.timers.tick(20);
    };
    hint();
    assert.equal(fetched, 1);
    list.dispatchEvent(new Event("pointerenter"));
    hint();
    assert.equal(fetched, 2);
    list.dispatchEvent(new Event("pointerleave"));
    mock.timers.tick(20);
    assert.equal(fetched, 3);
  });
  it("know which hints concern them and where they end", () => {
    openPage(
      '<ol data-topic="agent:7 contact:1" data-kinds="offer message" data-after="3"><li data-number="4"></li><li data-number="9"></li></ol>',
    );
    const list = document.querySelector("ol") as HTMLElement;
    assert.equal(concerns(list, { topic: "contact:1", kind: "message", seq: 1 }), true);
    assert.equal(concerns(list, { topic: "contact:1", kind: "wait", seq: 1 }), false);
    assert.equal(concerns(list, { topic: "agent:8", kind: "offer", seq: 1 }), false);
    assert.equal(lastNumber(list), 9);
  });
  it("are not fetched for what the page answers itself, until that answer is lost", () => {
    mock.timers.enable({ apis: ["setTimeout"] });
    openPage('<div id="offers" data-topic="agent:7" data-kinds="offer"></div>');
    let fetched = 0;
    document.querySelector("#offers")?.addEventListener("live", () => {
      fetched += 1;
    });
    const hint = (id: string) => {
      hear({ topic: "agent:7", kind: "offer", id, seq: 1 });
      mock.timers.tick(20);
    };
    hint("a");
    assert.equal(fetched, 1);
    const lost = answering("a");
    hint("a");
    assert.equal(fetched, 1);
    hint("b");
    assert.equal(fetched, 2);
    lost();
    mock.timers.tick(20);
    assert.equal(fetched, 3);
    hint("a");
    assert.equal(fetched, 4);
  });
  it("count characters as people do", () => {
    assert.equal(countCharacters("e\u0301🏳️‍🌈"), 2);
  });
});

describe("a part that is renewed", () => {
  const page = '<main><div id="log" data-renew="/log?part=now"><p>Waiting</p></div></main>';
  const fresh = '<div id="log" data-renew="/log?part=now"><p>Delivered</p></div>';
  const answering = (text: string, more: object = {}) =>
    mock.method(globalThis, "fetch", async () => ({
      ok: true,
      redirected: false,
      text: async () => text,
      ...more,
    }));
  const part = () => document.getElementById("log") as HTMLElement;

  it("is replaced by what the server says now", async () => {
    openPage(page);
    answering(fresh);
    assert.equal((await renew(part())).textContent, "Delivered");
    assert.equal(part().textContent, "Delivered");
  });

  it("stays while something in it is open or has the focus", async () => {
    openPage(page);
    const asked = answering(fresh);
    part().innerHTML = "<details open><summary>What was sent</summary></details>";
    await renew(part());
    part().innerHTML = "<button>Deliver again</button>";
    part().querySelector("button")?.focus();
    await renew(part());
    assert.equal(asked.mock.callCount(), 0);
  });

  it("stays when the session is over and another page answers", async () => {
    openPage(page);
    answering("<main>Sign in</main>", { redirected: true });
    await renew(part());
    assert.equal(part().textContent, "Waiting");
  });
});

describe("a form", () => {
  /** Presses the button of a form, and says whether it was sent. */
  const press = () => {
    const form = document.querySelector("form") as HTMLFormElement;
    const event = new window.Event("submit", { cancelable: true, bubbles: true });
    Object.defineProperty(event, "submitter", { value: form.querySelector("button") });
    return form.dispatchEvent(event);
  };

  it("is sent once while its answer is awaited", () => {
    mock.timers.enable({ apis: ["setTimeout"] });
    openPage('<form method="post"><button>Send</button></form>');
    startForms(document);
    assert.equal(press(), true);
    mock.timers.tick(2_000);
    assert.equal(press(), false);
    mock.timers.tick(6_000);
    assert.equal(press(), true);
  });

  it("whose answer opens beside the page is free again at once: nothing tells the page that it came", () => {
    mock.timers.enable({ apis: ["setTimeout"] });
    openPage('<form method="post"><button formtarget="_blank">Call now</button></form>');
    startForms(document);
    assert.equal(press(), true);
    assert.equal(press(), false);
    mock.timers.tick(1_000);
    assert.equal(press(), true);
  });
});
