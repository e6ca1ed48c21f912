import assert from "node:assert/strict";
import { test } from "node:test";
import "./page.ts";
import { type Kept, Outbox } from "../src/surfaces/desk-outbox.ts";

class Store {
  private readonly kept = new Map<string, string>();
  getItem = (key: string) => this.kept.get(key) ?? null;
  setItem = (key: string, value: string) => void this.kept.set(key, value);
}

const words = (key: string): Kept => ({
  key,
  action: "/say",
  contact: "c",
  body: key,
  via: "message",
  at: 0,
});

test("what was kept goes out in order, and stops where the network does", async () => {
  const sent: string[] = [];
  let away = "two";
  const outbox = new Outbox(
    async (kept) => {
      if (kept.key === away) return "lost";
      sent.push(kept.key);
      return "sent";
    },
    new Store() as unknown as Storage,
  );
  for (const key of ["one", "two", "three"]) outbox.keep(words(key));
  assert.equal(await outbox.flush(), 1);
  assert.deepEqual(sent, ["one"]);
  away = "";
  assert.equal(await outbox.flush(), 2);
  assert.deepEqual(sent, ["one", "two", "three"]);
  assert.deepEqual(outbox.list(), []);
});

test("what is refused is given back and not counted", async () => {
  const back: string[] = [];
  const outbox = new Outbox(async () => "refused", new Store() as unknown as Storage);
  outbox.keep(words("one"));
  assert.equal(await outbox.flush((kept) => back.push(kept.key)), 0);
  assert.deepEqual(back, ["one"]);
  assert.deepEqual(outbox.list(), []);
});
