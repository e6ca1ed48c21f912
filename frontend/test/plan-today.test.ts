import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { startTickAll } from "../src/parts/tick-all.ts";
import { isKept } from "../src/surfaces/plan-today.ts";
import { openPage } from "./page.ts";

const PART = `<div id="part"><form><input type="hidden" name="kind" value="overtime"><input name="places" value="2">
<input type="checkbox" id="a" name="agent" checked></form><details><summary>Why</summary></details></div>
<button id="elsewhere">x</button>`;

const by = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;

describe("a part of today", () => {
  it("is kept while somebody fills it in, reads in it, or has the focus there, and not before or after", () => {
    openPage(PART);
    const box = by<HTMLInputElement>("a");
    assert.equal(isKept(by("part")), false);
    box.focus();
    assert.equal(isKept(by("part")), true);
    by("elsewhere").focus();
    assert.equal(isKept(by("part")), false);
    box.checked = false;
    assert.equal(isKept(by("part")), true);
    box.checked = true;
    (document.querySelector("[name=places]") as HTMLInputElement).value = "3";
    assert.equal(isKept(by("part")), true);
    (document.querySelector("[name=places]") as HTMLInputElement).value = "2";
    (document.querySelector("details") as HTMLDetailsElement).open = true;
    assert.equal(isKept(by("part")), true);
  });
});

describe("one box for all", () => {
  it("ticks those of its form wherever they stand, follows them and says how many", () => {
    openPage(`<form id="several"><div hidden><input type="checkbox" id="all" data-tick-all="one" aria-describedby="said">
<p id="said" data-words="{ticked} of {count} chosen"></p></div></form>
<input type="checkbox" form="several" name="one" id="a"><input type="checkbox" form="several" name="one" id="b" checked>
<input type="checkbox" name="one" id="other">`);
    startTickAll();
    const head = by<HTMLInputElement>("all");
    assert.equal(head.parentElement?.hidden, false);
    assert.equal(head.indeterminate, true);
    assert.equal(by("said").textContent, "1 of 2 chosen");
    head.checked = true;
    head.dispatchEvent(new Event("change", { bubbles: true }));
    assert.deepEqual(
      [by<HTMLInputElement>("a").checked, by<HTMLInputElement>("other").checked],
      [true, false],
    );
    assert.equal(by("said").textContent, "2 of 2 chosen");
    by<HTMLInputElement>("b").checked = false;
    by("b").dispatchEvent(new Event("change", { bubbles: true }));
    assert.deepEqual([head.checked, head.indeterminate], [false, true]);
  });
});
