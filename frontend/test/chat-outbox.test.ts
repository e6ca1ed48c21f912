import assert from "node:assert/strict";
import { test } from "node:test";
import { Outbox } from "../src/surfaces/chat-outbox.ts";

class Store {
  private readonly kept = new Map<string, string>();
  full = false;
  getItem = (key: string) => this.kept.get(key) ?? null;
  removeItem = (key: string) => void this.kept.delete(key);
  setItem = (key: string, value: string) => {
    if (this.full) throw new Error("full");
    this.kept.set(key, value);
  };
}

function outbox(store: Store, chat = "c1"): Outbox {
  let count = 0;
  return new Outbox(chat, store as unknown as Storage, () => `k${++count}`);
}

test("words outlive the page, in the order in which they were written", () => {
  const store = new Store();
  const first = outbox(store);
  first.add("one");
  first.add("two");
  const again = outbox(store);
  assert.deepEqual(
    again.all.map((entry) => entry.body),
    ["one", "two"],
  );
  assert.equal(again.next?.body, "one");
});

test("what the server has confirmed is gone for good", () => {
  const store = new Store();
  const box = outbox(store);
  box.add("one");
  box.add("two");
  assert.equal(box.confirm(["k1", "unknown"]), 1);
  assert.deepEqual(
    outbox(store).all.map((entry) => entry.body),
    ["two"],
  );
});

test("a refused message waits for a decision and holds up nobody", () => {
  const store = new Store();
  const box = outbox(store);
  box.add("one");
  box.add("two");
  box.refuse("k1", "too long");
  assert.equal(box.next?.body, "two");
  assert.equal(outbox(store).all[0]?.problem, "too long");
  box.retry("k1");
  assert.equal(box.next?.body, "one");
});

test("files are remembered by number only: their content stays in the tab", () => {
  const store = new Store();
  outbox(store).add("see", [new File(["x"], "bill.txt")]);
  const again = outbox(store).all[0];
  assert.equal(again?.hadFiles, 1);
  assert.deepEqual(again?.files, []);
});

test("two chats do not mix, and a full store loses nothing of this tab", () => {
  const store = new Store();
  outbox(store, "c1").add("mine");
  assert.equal(outbox(store, "c2").all.length, 0);
  store.full = true;
  const box = outbox(store, "c2");
  box.add("kept in memory");
  assert.equal(box.next?.body, "kept in memory");
});

test("what another version of the page wrote is passed over", () => {
  const store = new Store();
  store.setItem("civicline:outbox:c1", "not json");
  assert.equal(outbox(store).all.length, 0);
});
