// The live connection of a page. What comes over it are hints (topic, id, seq): the page then fetches its fragment under its
// own permissions. docs/subsystems/live-edge.md holds the protocol. Push is a hint; the server is the truth.

export interface Hint {
  topic: string;
  kind: string;
  id?: string;
  seq: number;
  /** A message's number in its contact. */
  n?: number;
  by?: string;
}

/** live: connected. away: lost less than five seconds ago. offline: the bar shows. ended: signed out or refused for good. */
export type LiveState = "live" | "away" | "offline" | "ended";

export interface LiveHandlers {
  onHint(hint: Hint): void;
  /** Something may have been missed: fetch all that the page shows. */
  onResync(): void;
  onState?(state: LiveState): void;
  /** The session has ended: the page is fetched again, which leads to the sign-in or back here. */
  onSignedOut?(): void;
}

export interface LiveOptions extends LiveHandlers {
  /** A path of our own origin, or a whole address for the embedded widget. */
  url: string;
  /** Proof where there is no cookie (a contact's secret). */
  auth?: string;
  makeSocket?: (url: string) => WebSocket;
  random?: () => number;
  now?: () => number;
}

export const OFFLINE_AFTER = 5_000;
const FIRST_PAUSE = 500;
export const LONGEST_PAUSE = 30_000;
const TOO_MANY_PAUSE = 60_000;
const PULSE = 5_000;
const ASLEEP = 20_000; // a pulse this late means that the machine slept

const CLOSE = { malformed: 4400, signedOut: 4401, forbidden: 4403, tooMany: 4429 } as const;

/** Pause before try number `attempt` (from 0): doubled each time up to 30 s, the upper half of it left to chance, so that a
 * thousand browsers do not come back in the same second. */
export function pause(attempt: number, random: () => number): number {
  const full = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Math.min(attempt, 10));
  return full / 2 + random() * (full / 2);
}

export function socketAddress(url: string, base: string): string {
  const address = new URL(url, base);
  address.protocol = address.protocol.replace("http", "ws");
  return address.href;
}

export class Live {
  state: LiveState = "away";
  private socket: WebSocket | null = null;
  private attempt = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private offlineTimer: ReturnType<typeof setTimeout> | undefined;
  private pulse: ReturnType<typeof setInterval> | undefined;
  private lastPulse = 0;
  private seq: number | null = null;
  private epoch = "";
  private readonly watched = new Set<string>();
  private readonly random: () => number;
  private readonly now: () => number;

  constructor(private readonly options: LiveOptions) {
    this.random = options.random ?? Math.random;
    this.now = options.now ?? (() => Date.now());
  }

  start(): this {
    this.lastPulse = this.now();
    this.pulse = setInterval(() => this.feelPulse(), PULSE);
    document.addEventListener("visibilitychange", this.hurry);
    window.addEventListener("online", this.hurry);
    window.addEventListener("pageshow", this.hurry);
    window.addEventListener("offline", this.doubt);
    this.away();
    this.connect();
    return this;
  }

  stop(): void {
    clearInterval(this.pulse);
    clearTimeout(this.retry);
    clearTimeout(this.offlineTimer);
    document.removeEventListener("visibilitychange", this.hurry);
    window.removeEventListener("online", this.hurry);
    window.removeEventListener("pageshow", this.hurry);
    window.removeEventListener("offline", this.doubt);
    const socket = this.socket;
    this.socket = null;
    socket?.close(1000);
  }

  /** The last hint that was heard; null before the first. What is drawn from now on is at least as new. */
  get heard(): number | null {
    return this.seq;
  }

  /** Hear of these topics too; said again after every reconnection. `since` is what had been heard when the page was asked for
   * that shows them: what happened between its drawing and this is told again, or it would be missed. */
  watch(topics: string[], since: number | null = null): void {
    for (const topic of topics) this.watched.add(topic);
    this.send(since === null ? { watch: topics } : { watch: topics, hello: since, epoch: this.epoch });
  }

  unwatch(...topics: string[]): void {
    for (const topic of topics) this.watched.delete(topic);
    this.send({ unwatch: topics });
  }

  /** Say something of the protocol, such as {typing: true} or {seen: 7}. False when there is no connection. */
  send(said: Record<string, unknown>): boolean {
    if (this.socket?.readyState !== 1) return false;
    this.socket.send(JSON.stringify(said));
    return true;
  }

  private connect(): void {
    clearTimeout(this.retry);
    const make = this.options.makeSocket ?? ((url: string) => new WebSocket(url));
    const socket = make(socketAddress(this.options.url, location.href));
    this.socket = socket;
    socket.onopen = () => {
      if (socket !== this.socket) return;
      const hello: Record<string, unknown> = { hello: this.seq, epoch: this.epoch };
      if (this.options.auth) hello["auth"] = this.options.auth;
      if (this.watched.size > 0) hello["watch"] = [...this.watched];
      this.send(hello);
    };
    socket.onmessage = (event) => {
      if (socket === this.socket) this.hear(String(event.data));
    };
    socket.onclose = (event) => {
      if (socket === this.socket) this.lost(event.code);
    };
  }

  private hear(text: string): void {
    let hint: Hint & { epoch?: string };
    try {
      hint = JSON.parse(text) as Hint & { epoch?: string };
    } catch {
      return; // not ours; a proxy may have spoken
    }
    this.attempt = 0;
    this.become("live");
    if (hint.topic === "") {
      if (hint.kind !== "resync") return;
      this.epoch = hint.epoch ?? "";
      this.seq = hint.seq;
      this.options.onResync();
      return;
    }
    this.seq = Math.max(this.seq ?? 0, hint.seq);
    this.options.onHint(hint);
  }

  private lost(code: number): void {
    this.socket = null;
    if (code === CLOSE.signedOut) {
      this.end();
      this.options.onSignedOut?.();
      return;
    }
    if (code === CLOSE.malformed || code === CLOSE.forbidden) {
      this.end();
      return;
    }
    this.away();
    const wait = code === CLOSE.tooMany ? TOO_MANY_PAUSE : pause(this.attempt, this.random);
    this.attempt += 1;
    clearTimeout(this.retry);
    this.retry = setTimeout(() => this.connect(), wait);
  }

  private end(): void {
    this.become("ended");
    this.stop();
  }

  private away(): void {
    if (this.state === "offline") return;
    this.become("away");
    // Counted from the first loss: further failed tries do not put it off.
    this.offlineTimer ??= setTimeout(() => {
      if (this.state === "away") this.become("offline");
    }, OFFLINE_AFTER);
  }

  private become(state: LiveState): void {
    if (state === "live") {
      clearTimeout(this.offlineTimer);
      this.offlineTimer = undefined;
    }
    if (state === this.state) return;
    this.state = state;
    this.options.onState?.(state);
  }

  /** Come back at once when the page is seen again or the network returns. */
  private readonly hurry = (): void => {
    if (document.hidden || this.socket || this.state === "ended") return;
    this.attempt = 0;
    this.connect();
  };

  /** After a sleep the old connection is dead although nothing has said so: drop it and greet anew. */
  private feelPulse(): void {
    const now = this.now();
    const slept = now - this.lastPulse > ASLEEP;
    this.lastPulse = now;
    if (slept) this.greetAnew();
  }

  /** The browser says that the network is gone, or a request found nobody. An open socket would say so only minutes later. */
  readonly doubt = (): void => {
    if (this.state === "live") this.greetAnew();
  };

  private greetAnew(): void {
    if (this.state === "ended") return;
    const old = this.socket;
    this.socket = null;
    old?.close(1000);
    this.attempt = 0;
    this.away();
    this.connect();
  }
}

type Relayed =
  | { from: "leader"; type: "hint"; hint: Hint }
  | { from: "leader"; type: "resync" }
  | { from: "leader"; type: "state"; state: LiveState }
  | { from: "leader"; type: "signed-out" }
  | { from: "follower"; type: "send"; said: Record<string, unknown> }
  | { from: "follower"; type: "watch"; topics: string[]; since: number | null }
  | { from: "follower"; type: "unwatch"; topics: string[] }
  | { from: "follower"; type: "ask" | "doubt" };

/** One connection for all tabs of a page: the first holds a lock and speaks for the others; when it closes, the next takes over
 * and everybody fetches anew. Without the Web Locks API each tab has its own connection. */
export class SharedLive {
  private live: Live | null = null;
  private readonly channel: BroadcastChannel | null;
  private readonly wanted = new Set<string>();
  private release: (() => void) | null = null;
  private relayedSeq: number | null = null;
  private joined = false;

  constructor(private readonly options: LiveOptions) {
    const canShare = typeof BroadcastChannel === "function" && "locks" in navigator;
    this.channel = canShare ? new BroadcastChannel(`civicline:${options.url}`) : null;
  }

  get isLeader(): boolean {
    return this.live !== null;
  }

  start(): this {
    if (!this.channel) {
      this.lead();
      return this;
    }
    this.channel.onmessage = (event: MessageEvent<Relayed>) => this.relayed(event.data);
    void navigator.locks.request(`civicline:${this.options.url}`, () => {
      this.lead();
      return new Promise<void>((resolve) => {
        this.release = resolve;
      });
    });
    this.post({ from: "follower", type: "ask" });
    return this;
  }

  stop(): void {
    this.live?.stop();
    this.live = null;
    this.release?.();
    this.channel?.close();
  }

  /** As `Live.heard`, by way of the tab that leads. */
  get heard(): number | null {
    return this.live ? this.live.heard : this.relayedSeq;
  }

  watch(topics: string[], since: number | null = null): void {
    for (const topic of topics) this.wanted.add(topic);
    if (this.live) this.live.watch(topics, since);
    else this.post({ from: "follower", type: "watch", topics, since });
  }

  unwatch(...topics: string[]): void {
    for (const topic of topics) this.wanted.delete(topic);
    if (this.live) this.live.unwatch(...topics);
    else this.post({ from: "follower", type: "unwatch", topics });
  }

  send(said: Record<string, unknown>): boolean {
    if (this.live) return this.live.send(said);
    this.post({ from: "follower", type: "send", said });
    return this.channel !== null;
  }

  /** A request of this tab found nobody. */
  doubt(): void {
    if (this.live) this.live.doubt();
    else this.post({ from: "follower", type: "doubt" });
  }

  private lead(): void {
    const { onHint, onResync, onState, onSignedOut } = this.options;
    this.live = new Live({
      ...this.options,
      onHint: (hint) => {
        this.post({ from: "leader", type: "hint", hint });
        onHint(hint);
      },
      onResync: () => {
        this.post({ from: "leader", type: "resync" });
        onResync();
      },
      onState: (state) => {
        this.post({ from: "leader", type: "state", state });
        onState?.(state);
      },
      onSignedOut: () => {
        this.post({ from: "leader", type: "signed-out" });
        onSignedOut?.();
      },
    }).start();
    if (this.wanted.size > 0) this.live.watch([...this.wanted]);
  }

  private relayed(message: Relayed): void {
    if (message.from === "leader") {
      if (this.live) return;
      if (message.type === "hint") {
        this.relayedSeq = Math.max(this.relayedSeq ?? 0, message.hint.seq);
        this.options.onHint(message.hint);
      } else if (message.type === "resync") {
        this.relayedSeq = null;
        // A new leader does not know what the others listen to until they say it again.
        if (this.wanted.size > 0) this.watch([...this.wanted]);
        this.options.onResync();
      } else if (message.type === "state") {
        this.options.onState?.(message.state);
        // What happened between the drawing of this page and the first word of the leader was told to nobody here.
        if (!this.joined) this.options.onResync();
        this.joined = true;
      } else this.options.onSignedOut?.();
      return;
    }
    if (!this.live) return;
    if (message.type === "send") this.live.send(message.said);
    else if (message.type === "watch") this.live.watch(message.topics, message.since);
    else if (message.type === "doubt") this.live.doubt();
    else if (message.type === "ask") this.post({ from: "leader", type: "state", state: this.live.state });
    // A topic that one tab lets go may still be open in another: the leader keeps listening.
  }

  private post(message: Relayed): void {
    this.channel?.postMessage(message);
  }
}
