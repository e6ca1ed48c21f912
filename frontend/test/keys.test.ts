import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { KeyMap, nameOf } from "../src/parts/keys.ts";
import { openPage } from "./page.ts";

const press = (
  key: string,
  code: string,
  more: Partial<Record<"altKey" | "ctrlKey" | "metaKey" | "shiftKey", boolean>> = {},
) => ({
  key,
  code,
  altKey: false,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  ...more,
});

describe("names of keys", () => {
  it("go by the place of the key under Alt, whatever sign it would write", () => {
    assert.equal(nameOf(press("å", "KeyA", { altKey: true }), false), "Alt+A");
    assert.equal(nameOf(press("ф", "KeyA", { altKey: true }), false), "Alt+A");
    assert.equal(nameOf(press("å", "KeyA", { altKey: true, ctrlKey: true }), true), "Alt+A");
  });
  it("leave AltGr to the writing of signs", () => {
    assert.equal(nameOf(press("@", "KeyQ", { altKey: true, ctrlKey: true }), false), "@");
  });
  it("take Command for Control on a Mac, and keep a sign's own shift", () => {
    assert.equal(nameOf(press("k", "KeyK", { metaKey: true }), true), "Control+K");
    assert.equal(nameOf(press("?", "Slash", { shiftKey: true }), false), "?");
    assert.equal(nameOf(press("F6", "F6", { shiftKey: true }), false), "Shift+F6");
  });
});

describe("the keyboard map", () => {
  let ran: string[];
  let keys: KeyMap;

  beforeEach(() => {
    openPage(
      '<input id="box"><div class="wrapup"><button id="in">x</button></div><button id="b" data-key="Alt+A">Accept</button><dl data-key-list></dl>',
    );
    ran = [];
    keys = new KeyMap(false);
    keys.add(
      { keys: "?", words: "Keys", run: () => ran.push("?") },
      { keys: "Control+K", words: "Search", run: () => ran.push("search") },
      { keys: "1", words: "First", within: ".wrapup", run: () => ran.push("1") },
    );
  });

  const on = (id: string, key: string, code: string, more: KeyboardEventInit = {}): boolean => {
    const event = new KeyboardEvent("keydown", { key, code, bubbles: true, cancelable: true, ...more });
    document.getElementById(id)?.dispatchEvent(event);
    return keys.press(event);
  };

  it("leaves single keys to a person who is writing, but not combinations", () => {
    assert.equal(on("box", "?", "Slash", { shiftKey: true }), false);
    assert.equal(on("box", "k", "KeyK", { ctrlKey: true }), true);
    assert.deepEqual(ran, ["search"]);
  });

  it("can have single keys turned off, as the account says", () => {
    keys.singleKeys = false;
    assert.equal(on("b", "?", "Slash", { shiftKey: true }), false);
    assert.equal(on("in", "1", "Digit1"), false);
    assert.equal(on("b", "a", "KeyA", { altKey: true }), true);
    assert.equal(new KeyMap(false).singleKeys, false);
    keys.singleKeys = true;
    assert.equal(on("b", "?", "Slash", { shiftKey: true }), true);
  });

  it("works only where the action is at home", () => {
    assert.equal(on("b", "1", "Digit1"), false);
    assert.equal(on("in", "1", "Digit1"), true);
  });

  it("presses the button that carries the key, even while writing", () => {
    let pressed = 0;
    document.getElementById("b")?.addEventListener("click", () => {
      pressed += 1;
    });
    assert.equal(on("box", "a", "KeyA", { altKey: true }), true);
    assert.equal(pressed, 1);
  });

  it("lists itself", () => {
    keys.fillList();
    assert.equal(document.querySelectorAll("[data-key-list] div").length, 3);
    assert.match(document.querySelector("[data-key-list]")?.textContent ?? "", /CtrlK\s*Search/);
  });
});
