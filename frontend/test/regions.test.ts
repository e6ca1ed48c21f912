import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { nextRegion, startRegions } from "../src/parts/regions.ts";
import { openPage } from "./page.ts";

const PAGE = `<nav aria-label="Main"><a href="/x">x</a></nav>
<section id="list" aria-label="Your contacts"><a id="row" href="/c">Grace</a></section>
<main id="main"><section aria-label="inside"></section></main>
<aside id="side" aria-label="What we know"></aside>
<dialog><section aria-label="Keys"></section></dialog><section hidden aria-label="Away"></section>`;

describe("walking the regions", () => {
  const at = () => document.activeElement?.id || document.activeElement?.getAttribute("aria-label");
  const walk = (step: 1 | -1, times: number) =>
    Array.from({ length: times }, () => {
      nextRegion(step);
      return at();
    });

  it("goes through those that can be seen, and round", () => {
    openPage(PAGE);
    assert.deepEqual(walk(1, 5), ["Main", "list", "main", "side", "Main"]);
    assert.deepEqual(walk(-1, 2), ["side", "main"]);
  });

  it("goes on from where the focus was when its element is taken away", () => {
    openPage(PAGE);
    startRegions();
    document.getElementById("row")?.focus();
    document.getElementById("row")?.remove();
    assert.equal(document.activeElement, document.body);
    assert.deepEqual(walk(1, 1), ["main"]);
  });

  it("goes on from a region that was drawn anew", () => {
    openPage(PAGE);
    startRegions();
    document.getElementById("row")?.focus();
    assert.deepEqual(walk(1, 1), ["main"]);
    const main = document.getElementById("main");
    main?.replaceWith(Object.assign(document.createElement("main"), { id: "main" }));
    assert.deepEqual(walk(1, 1), ["side"]);
  });
});
