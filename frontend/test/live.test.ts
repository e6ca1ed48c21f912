import assert from "node:assert/strict";
import { beforeEach, describe, it, mock } from "node:test";
import { type Hint, Live, type LiveState, pause, SharedLive, socketAddress } from "../src/parts/live.ts";
import { openPage } from "./page.ts";

class FakeSocket {
  readyState = 0;
  sent: Record<string, unknown>[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  constructor(readonly url: string) {}
  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }
  close(): void {
    this.readyState = 3;
  }
  opens(): void {
    this.readyState = 1;
    this.onopen?.();
  }
  says(said: object): void {
    this.onmessage?.({ data: JSON.stringify(said) });
  }
  dies(code = 1006): void {
    this.readyState = 3;
    this.onclose?.({ code });
  }
}

describe("the live connection", () => {
  let sockets: FakeSocket[];
  let heard: Hint[];
  let states: LiveState[];
  let resyncs: number;
  let signedOut: number;
  let live: Live;

  beforeEach(() => {
    openPage("");
    mock.timers.reset();
    mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
    sockets = [];
    heard = [];
    states = [];
    resyncs = 0;
    signedOut = 0;
    live = new Live({
      url: "/live/desk",
      makeSocket: (url) => {
        const socket = new FakeSocket(url);
        sockets.push(socket);
        return socket as unknown as WebSocket;
      },
      random: () => 1,
      onHint: (hint) => heard.push(hint),
      onResync: () => {
        resyncs += 1;
      },
      onState: (state) => states.push(state),
      onSignedOut: () => {
        signedOut += 1;
      },
    }).start();
  });

  const last = (): FakeSocket => sockets[sockets.length - 1] as FakeSocket;

  it("greets with nothing heard, then with the last number it heard in its epoch", () => {
    last().opens();
    assert.deepEqual(last().sent[0], { hello: null, epoch: "" });
    last().says({ topic: "", kind: "resync", epoch: "9f", seq: 41 });
    last().says({ topic: "agent:7", kind: "offer", id: "x", seq: 44 });
    assert.equal(resyncs, 1);
    assert.equal(heard[0]?.seq, 44);
    last().dies();
    mock.timers.tick(500);
    last().opens();
    assert.deepEqual(last().sent[0], { hello: 44, epoch: "9f" });
  });

  it("says again what it watches after a reconnection", () => {
    last().opens();
    live.watch(["contact:1", "contact:2"]);
    live.unwatch("contact:1");
    last().dies();
    mock.timers.tick(500);
    last().opens();
    assert.deepEqual(last().sent[0]?.["watch"], ["contact:2"]);
  });

  it("asks for what happened between the drawing of a part and listening to it", () => {
    last().opens();
    last().says({ topic: "", kind: "resync", epoch: "9f", seq: 40 });
    const drawn = live.heard;
    last().says({ topic: "agent:7", kind: "contact", seq: 42 });
    live.watch(["contact:1"], drawn);
    assert.deepEqual(last().sent.at(-1), { watch: ["contact:1"], hello: 40, epoch: "9f" });
  });

  it("believes the browser that says the network is gone, and tells people five seconds later", () => {
    last().opens();
    last().says({ topic: "", kind: "resync", epoch: "9f", seq: 41 });
    const silent = last();
    window.dispatchEvent(new Event("offline"));
    assert.equal(live.state, "away");
    assert.equal(silent.readyState, 3);
    last().dies();
    mock.timers.tick(5_000);
    assert.equal(live.state, "offline");
    silent.says({ topic: "agent:7", kind: "offer", id: "x", seq: 42 });
    assert.equal(live.state, "offline", "what the old connection says no longer counts");
    window.dispatchEvent(new Event("online"));
    last().opens();
    assert.deepEqual(last().sent[0], { hello: 41, epoch: "9f" });
  });

  it("greets anew where a request found nobody, and once only while it does", () => {
    last().opens();
    last().says({ topic: "", kind: "resync", epoch: "9f", seq: 41 });
    live.doubt();
    assert.equal(sockets.length, 2);
    live.doubt();
    assert.equal(sockets.length, 2);
  });

  it("comes back with growing pauses and is offline for people only after five seconds", () => {
    last().opens();
    last().says({ topic: "", kind: "welcome", epoch: "9f", seq: 1 });
    assert.equal(live.state, "live");
    last().dies();
    assert.equal(live.state, "away");
    mock.timers.tick(500);
    assert.equal(sockets.length, 2);
    last().dies();
    mock.timers.tick(999);
    assert.equal(sockets.length, 2);
    mock.timers.tick(1);
    assert.equal(sockets.length, 3);
    last().dies();
    mock.timers.tick(3500);
    assert.equal(live.state, "offline");
    last().opens();
    last().says({ topic: "", kind: "welcome", epoch: "9f", seq: 1 });
    assert.deepEqual(states, ["live", "away", "offline", "live"]);
  });

  it("does not come back when the session has ended, and says so once", () => {
    last().opens();
    last().dies(4401);
    mock.timers.tick(120_000);
    assert.equal(sockets.length, 1);
    assert.equal(signedOut, 1);
    assert.equal(live.state, "ended");
  });

  it("waits a minute when there are too many connections", () => {
    last().dies(4429);
    // In steps, as time passes: one jump of a minute would be a machine that slept.
    for (let second = 0; second < 59; second += 1) mock.timers.tick(1_000);
    assert.equal(sockets.length, 1);
    mock.timers.tick(1_000);
    assert.equal(sockets.length, 2);
  });

  it("drops a connection that a sleeping machine has lost without knowing", () => {
    last().opens();
    last().says({ topic: "", kind: "resync", epoch: "9f", seq: 3 });
    mock.timers.setTime(3_600_000);
    mock.timers.tick(5_000);
    assert.equal(sockets.length, 2);
    assert.equal(sockets[0]?.readyState, 3);
    sockets[0]?.says({ topic: "agent:7", kind: "offer", seq: 99 });
    assert.equal(heard.length, 0);
  });

  it("does not fail on words that are not JSON, and cannot send while away", () => {
    assert.equal(live.send({ typing: true }), false);
    last().opens();
    last().onmessage?.({ data: "<html>proxy error</html>" });
    assert.equal(heard.length, 0);
    assert.equal(live.send({ typing: true }), true);
  });
});

describe("pauses", () => {
  it("double up to thirty seconds, with the upper half left to chance", () => {
    assert.equal(
      pause(0, () => 0),
      250,
    );
    assert.equal(
      pause(0, () => 1),
      500,
    );
    assert.equal(
      pause(3, () => 1),
      4_000,
    );
    assert.equal(
      pause(50, () => 1),
      30_000,
    );
  });

  it("go to a socket of the same host", () => {
    assert.equal(socketAddress("/live/desk", "https://saltmere.test/desk/"), "wss://saltmere.test/live/desk");
    assert.equal(socketAddress("/live/desk", "http://127.0.0.1:8000/"), "ws://127.0.0.1:8000/live/desk");
  });
});

describe("one connection for several tabs", () => {
  /** Tabs of one browser: what one posts, the others hear; who asks for the lock first has it. */
  class Channel {
    static readonly open = new Set<Channel>();
    onmessage: ((event: { data: unknown }) => void) | null = null;
    constructor() {
      Channel.open.add(this);
    }
    postMessage(data: unknown): void {
      for (const other of [...Channel.open]) if (other !== this) other.onmessage?.({ data });
    }
    close(): void {
      Channel.open.delete(this);
    }
  }

  it("lets a tab that joins fetch once what it may have missed while it was drawn", () => {
    openPage("");
    mock.timers.reset();
    mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
    Channel.open.clear();
    let held = false;
    const locks = {
      request: (_name: string, lead: () => Promise<void>) => {
        if (held) return new Promise<void>(() => undefined);
        held = true;
        return lead();
      },
    };
    const page = globalThis as unknown as Record<string, unknown>;
    const before = page["BroadcastChannel"];
    page["BroadcastChannel"] = Channel;
    Object.defineProperty(navigator, "locks", { value: locks, configurable: true });
    const sockets: FakeSocket[] = [];
    const tab = () => {
      const seen = { resyncs: 0, states: 0 };
      const live = new SharedLive({
        url: "/live/desk",
        makeSocket: (url) => {
          sockets.push(new FakeSocket(url));
          return sockets[sockets.length - 1] as unknown as WebSocket;
        },
        random: () => 1,
        onHint: () => undefined,
        onResync: () => {
          seen.resyncs += 1;
        },
        onState: () => {
          seen.states += 1;
        },
      }).start();
      return { live, seen };
    };
    const first = tab();
    sockets[0]?.opens();
    sockets[0]?.says({ topic: "", kind: "welcome", epoch: "e", seq: 1 });
    assert.equal(first.live.isLeader, true);
    const second = tab();
    assert.equal(second.live.isLeader, false);
    assert.equal(sockets.length, 1);
    assert.equal(second.seen.resyncs, 1, "it fetches what happened while it was drawn");
    assert.equal(first.seen.resyncs, 0, "and nobody else does");
    const third = tab();
    assert.deepEqual([second.seen.resyncs, third.seen.resyncs], [1, 1], "once for each tab");
    for (const one of [third, second, first]) one.live.stop();
    page["BroadcastChannel"] = before;
  });
});
