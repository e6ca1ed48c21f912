// The way of a browser's telephone to the exchange: our own door, opened anew with a fresh ticket each time it was lost.

export interface Line {
  /** A WebSocket of our own origin; its ticket is good for a short while and for one opening. */
  socket: string;
  /** sip:<user>@<realm> */
  address: string;
  user: string;
  secret: string;
  ice: RTCIceServer[];
  /** Whom a guest calls; null for those who are called. */
  dial: string | null;
}

/** Milliseconds after which asking for a line, or opening the door, is tried anew: a dead network says nothing by itself. */
export const OPENS_WITHIN = 8_000;

export type AskForLine = () => Promise<Line>;

/** No line is given: the words are for people. */
export class LineRefused extends Error {
  constructor(
    readonly status: number,
    words: string,
  ) {
    super(words);
  }
}

/** Ask this address for a line; nothing of it is kept but the ticket, by which the page is known when it comes back. */
export function lineFrom(url: string, token: () => string): AskForLine {
  let last = "";
  return async () => {
    const answer = await fetch(url, {
      method: "POST",
      credentials: "same-origin",
      headers: { "X-CSRFToken": token(), "HX-Request": "true", Accept: "application/json" },
      body: new URLSearchParams(last ? { again: last } : {}),
      signal: AbortSignal.timeout(OPENS_WITHIN),
    });
    if (!answer.ok) {
      const body = (await answer.json().catch(() => ({}))) as { detail?: string };
      throw new LineRefused(answer.status, body.detail ?? "");
    }
    const line = (await answer.json()) as Line;
    last = line.socket;
    return line;
  };
}

type MakeSocket = (url: string, protocol: string) => WebSocket;

const NORMAL = 1000;

/** What JsSIP calls a socket. It connects as often as it is asked to; JsSIP waits longer each time. */
export class DoorSocket {
  readonly via_transport = location.protocol === "https:" ? "WSS" : "WS";
  readonly sip_uri: string;
  readonly url: string;
  onconnect: () => void = () => {};
  ondisconnect: (error: boolean, code?: number, reason?: string) => void = () => {};
  ondata: (data: unknown) => void = () => {};
  /** When the exchange last said anything, in milliseconds of the page's own clock. */
  heardAt = 0;
  private socket: WebSocket | null = null;
  private turn = 0;
  private asking = false;

  constructor(
    private first: Line | null,
    private readonly ask: AskForLine,
    private readonly given: (line: Line) => void,
    private readonly refused: (error: unknown) => void,
    private readonly make: MakeSocket = (url, protocol) => new WebSocket(url, protocol),
  ) {
    this.url = new URL("/live/telephone/", location.href).href.replace(/^http/, "ws");
    this.sip_uri = `sip:${location.hostname || "localhost"};transport=ws`;
  }

  connect(): void {
    if (this.asking || this.isConnected()) return;
    this.turn += 1;
    const turn = this.turn;
    this.asking = true;
    void this.open().then(
      (line) => {
        this.asking = false;
        if (turn === this.turn) this.listen(line);
      },
      (error: unknown) => {
        this.asking = false;
        if (turn !== this.turn) return;
        this.refused(error);
        this.ondisconnect(true, undefined, String(error));
      },
    );
  }

  disconnect(): void {
    this.turn += 1;
    this.asking = false;
    const socket = this.socket;
    this.socket = null;
    socket?.close(NORMAL);
  }

  /** The network is gone although nothing has said so yet: let JsSIP connect again. */
  drop(): void {
    if (!this.socket) return;
    this.disconnect();
    this.ondisconnect(true, undefined, "silent");
  }

  send(message: string | ArrayBufferLike | Blob | ArrayBufferView): boolean {
    if (!this.isConnected()) return false;
    this.socket?.send(message as string);
    return true;
  }

  /** Ask the door whether it is there (RFC 5626, 4.4.1); it answers, and `heardAt` tells. */
  ping(): void {
    this.send("\r\n\r\n");
  }

  isConnected(): boolean {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  isConnecting(): boolean {
    return this.asking || this.socket?.readyState === WebSocket.CONNECTING;
  }

  private async open(): Promise<Line> {
    const line = this.first ?? (await this.ask());
    this.first = null;
    this.given(line);
    return line;
  }

  private listen(line: Line): void {
    const url = new URL(line.socket, location.href).href.replace(/^http/, "ws");
    const socket = this.make(url, "sip");
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    const patience = setTimeout(() => {
      if (this.socket === socket && socket.readyState === WebSocket.CONNECTING) this.drop();
    }, OPENS_WITHIN);
    socket.onopen = () => {
      clearTimeout(patience);
      if (this.socket !== socket) return;
      this.heardAt = Date.now();
      this.onconnect();
    };
    socket.onmessage = (event: MessageEvent) => {
      if (this.socket !== socket) return;
      this.heardAt = Date.now();
      this.ondata(event.data);
    };
    socket.onclose = (event: CloseEvent) => {
      clearTimeout(patience);
      if (this.socket !== socket) return;
      this.socket = null;
      this.ondisconnect(!event.wasClean, event.code, event.reason);
    };
  }
}
