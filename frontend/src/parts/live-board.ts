// The live connection of a board: one stream from the server, which the browser opens again by itself.

import { type Hint, type LiveHandlers, LONGEST_PAUSE, OFFLINE_AFTER } from "./live.ts";

/** A board's stream: server-sent events come back by themselves and say where they stood. */
export class LiveBoard {
  private source: EventSource | null = null;
  private staleTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly url: string,
    private readonly handlers: LiveHandlers,
    private readonly make: (url: string) => EventSource = (address) => new EventSource(address),
  ) {}

  start(): this {
    const source = this.make(this.url);
    this.source = source;
    source.onopen = () => {
      clearTimeout(this.staleTimer);
      this.staleTimer = undefined;
      this.handlers.onState?.("live");
    };
    source.onmessage = (event) => {
      const hint = JSON.parse(String(event.data)) as Hint;
      if (hint.topic !== "") this.handlers.onHint(hint);
      else if (hint.kind === "resync") this.handlers.onResync();
    };
    source.onerror = () => {
      this.staleTimer ??= setTimeout(() => this.handlers.onState?.("offline"), OFFLINE_AFTER);
      // A refused stream is closed by the browser for good: try again by hand.
      if (source.readyState === 2)
        setTimeout(() => this.source === source && this.start(), LONGEST_PAUSE / 3);
    };
    return this;
  }

  stop(): void {
    clearTimeout(this.staleTimer);
    this.source?.close();
    this.source = null;
  }
}
