// A resident's chat, alive: hints come over the socket, what is new is fetched, what is written goes through an outbox.
// Without this script the page is a form with a reference; see src/civicline/channels/chat/.
import { PlaceSpeaker, say } from "../parts/announcer.ts";
import { one } from "../parts/dom.ts";
import { type Hint, Live, type LiveState } from "../parts/live.ts";
import { OfflineBar } from "../parts/offline-bar.ts";
import { tellFrame } from "./chat-frame.ts";
import { localStore, newKey, Outbox } from "./chat-outbox.ts";
import { SayBox } from "./chat-say.ts";
import { type News, named, renew, Thread, type Words } from "./chat-thread.ts";

const TYPING_EACH = 10_000; // milliseconds
const POLL_EACH = 10_000; // while no socket can be had
const RETRY_EACH = 5_000;
const LINE_LATEST = 10_000;
const WAIT_EACH = 30_000; // the range changes as time passes, also when nobody moves
const WAITING = ["joining", "waiting", "called"];

export class ChatPage {
  private readonly words: Words;
  private readonly outbox: Outbox;
  private readonly thread: Thread;
  private readonly bar = new OfflineBar();
  private readonly live: Live;
  private readonly speaker = new PlaceSpeaker();
  private readonly box: SayBox | null;
  private readonly titleEnd: string;
  private phase: string;
  private agent = "";
  private place = 1;
  private lineTimer: ReturnType<typeof setTimeout> | undefined;
  private unread = 0;
  private connected = false;
  private fetching = false;
  private fetchAgain = false;
  private sending = false;
  /** The last try to send found nobody. */
  private stuck = false;
  private typingTold = 0;
  private typingTimer: ReturnType<typeof setTimeout> | undefined;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private toldSeen = "";

  constructor(private readonly root: HTMLElement) {
    this.words = JSON.parse(root.dataset["words"] ?? "{}") as Words;
    this.phase = root.dataset["phase"] ?? "";
    this.titleEnd = document.title.slice(document.title.lastIndexOf(" - "));
    this.outbox = new Outbox(root.dataset["chat"] ?? "", localStore(), newKey);
    const list = one<HTMLElement>("[data-after]", root);
    if (!list) throw new Error("the page has no conversation");
    this.thread = new Thread(list, this.words, {
      retry: (key) => {
        this.outbox.retry(key);
        this.flush();
      },
      remove: (key) => {
        this.outbox.confirm([key]);
        this.showWaiting();
      },
    });
    const form = one<HTMLFormElement>("form.say", root);
    const limits = { most: Number(root.dataset["most"]), maxMb: Number(root.dataset["maxMb"]) };
    this.box = form ? new SayBox(form, this.words, limits, (text, files) => this.write(text, files)) : null;
    this.box?.onInput(() => this.tellTyping());
    this.live = new Live({
      url: root.dataset["live"] ?? "",
      onHint: (hint) => this.hear(hint),
      onResync: () => {
        void this.fetchNews();
        this.flush();
      },
      onState: (state) => this.stateChanged(state),
      onSignedOut: () => location.reload(),
    });
  }

  start(): void {
    this.showWaiting();
    this.live.start();
    setInterval(() => {
      if (!this.connected && !document.hidden && navigator.onLine) void this.fetchNews();
    }, POLL_EACH);
    setInterval(() => {
      if (this.connected && !document.hidden && WAITING.includes(this.phase)) void this.fetchNews();
    }, WAIT_EACH);
    for (const event of ["focus", "visibilitychange", "online"]) {
      window.addEventListener(event, () => {
        this.tellSeen();
        this.flush();
      });
    }
    window.addEventListener("offline", () => this.showWaiting());
  }

  private stateChanged(state: LiveState): void {
    const was = this.connected;
    this.connected = state === "live";
    this.bar.show(state);
    if (was !== this.connected) this.showWaiting();
    if (this.connected) this.flush();
  }

  private hear(hint: Hint): void {
    if (hint.kind === "typing") {
      if (hint.by === "staff") this.showTyping();
      return;
    }
    if (hint.kind === "line") this.lineMoved();
    else void this.fetchNews();
  }

  /** The line moved somewhere. Those at its head look at once, the others by and by, so that not all ask in one moment. */
  private lineMoved(): void {
    if (!WAITING.includes(this.phase) || this.lineTimer !== undefined) return;
    const delay = Math.min(LINE_LATEST, (this.place - 1) * 100) + Math.random() * 200;
    this.lineTimer = setTimeout(() => {
      this.lineTimer = undefined;
      void this.fetchNews();
    }, delay);
  }

  private async fetchNews(): Promise<void> {
    if (this.fetching) {
      this.fetchAgain = true;
      return;
    }
    this.fetching = true;
    try {
      do {
        this.fetchAgain = false;
        const answer = await fetch(this.address("news"), { headers: { Accept: "application/json" } });
        if (answer.ok) this.apply((await answer.json()) as News);
      } while (this.fetchAgain);
    } catch {
      this.live.doubt(); // no network: the socket's return, or the next poll, fetches again
    } finally {
      this.fetching = false;
    }
  }

  private address(name: "news" | "say"): string {
    const url = new URL(this.root.dataset[name] ?? "", location.href);
    url.searchParams.set("after", String(this.thread.after));
    return url.href;
  }

  private apply(news: News): void {
    this.outbox.confirm(news.keys);
    const fromOthers = this.thread.apply(news);
    this.showWaiting();
    if (fromOthers > 0) this.hideTyping();
    const head = one<HTMLElement>(".chat-head", this.root);
    const standing = one<HTMLElement>("#standing", this.root);
    if (head) renew(head, news.head);
    if (standing) renew(standing, news.place);
    this.told(news, fromOthers);
    this.tellSeen();
  }

  private told(news: News, fromOthers: number): void {
    this.agent = news.agent;
    this.place = news.position ?? 1;
    if (news.phase !== this.phase) {
      this.phase = news.phase;
      this.root.dataset["phase"] = news.phase;
      if (news.phase === "called") say(this.words["your_turn"] ?? "");
      if (news.phase === "ended") say(this.words["ended"] ?? "");
    }
    if (news.phase === "waiting" && news.position !== null) this.speakPlace(news);
    this.box?.label(
      news.agent ? named(this.words["message_to"], news.agent) : (this.words["your_message"] ?? ""),
    );
    const area = one<HTMLElement>("#say-area", this.root);
    if (area) area.hidden = !news.open && this.outbox.all.length === 0;
    this.unread = document.hidden || !document.hasFocus() ? this.unread + fromOthers : 0;
    this.showTitle(news.title);
    if (this.unread > 0) tellFrame({ civicline: "unread", count: this.unread });
  }

  private showTitle(title: string): void {
    const count = this.unread > 0 ? `(${this.unread}) ` : "";
    document.title = count + title + this.titleEnd;
  }

  private speakPlace(news: News): void {
    const [low, high] = news.wait ?? [null, null];
    const told = {
      place: news.position ?? 0,
      low: low === null ? null : low / 60,
      high: high === null ? null : high / 60,
    };
    if (!this.speaker.shouldSay(told)) return;
    const words = one<HTMLElement>("#place .place-top", this.root)?.textContent ?? "";
    say(words.replace(/\s+/g, " ").trim());
  }

  private write(text: string, files: File[]): void {
    this.outbox.add(text, files);
    this.showWaiting();
    this.flush();
  }

  private showWaiting(): void {
    this.thread.showWaiting(this.outbox.all, navigator.onLine && !this.stuck);
  }

  /** Send what waits, one after the other, in the order in which it was written. */
  private async flushAll(): Promise<void> {
    for (let entry = this.outbox.next; entry; entry = this.outbox.next) {
      const form = new FormData();
      form.set("body", entry.body);
      form.set("client_key", entry.key);
      for (const file of entry.files) form.append("file", file, file.name);
      if (entry.body.trim() === "" && entry.files.length === 0) {
        // Only files were in it, and they went with the page that was closed.
        this.outbox.refuse(entry.key, this.words["lost_files"] || "!");
        continue;
      }
      const answer = await fetch(this.address("say"), {
        method: "POST",
        body: form,
        headers: { Accept: "application/json" },
      });
      this.stuck = answer.status >= 500;
      if (answer.ok) {
        const away = !this.connected;
        this.outbox.confirm([entry.key]);
        this.apply((await answer.json()) as News);
        if (away) this.bar.sent();
      } else if (answer.status === 429 || answer.status >= 500) {
        this.retryIn(Number(answer.headers.get("Retry-After") ?? 0) * 1000);
        return;
      } else {
        this.outbox.refuse(entry.key, (await refusal(answer)) || String(answer.status));
        this.showWaiting();
      }
    }
  }

  private flush(): void {
    if (this.sending || !this.outbox.next) return;
    this.sending = true;
    clearTimeout(this.retryTimer);
    this.flushAll()
      .catch(() => {
        this.stuck = true;
        this.retryIn(0);
      })
      .finally(() => {
        this.sending = false;
        this.showWaiting();
      });
  }

  private retryIn(milliseconds: number): void {
    clearTimeout(this.retryTimer);
    this.retryTimer = setTimeout(() => this.flush(), Math.max(RETRY_EACH, milliseconds));
  }

  private tellSeen(): void {
    const number = this.thread.after;
    const looks = !document.hidden && document.hasFocus();
    if (looks && this.unread > 0) {
      this.unread = 0;
      document.title = document.title.replace(/^\(\d+\) /, "");
      tellFrame({ civicline: "unread", count: 0 });
    }
    const said = looks ? { got: number, seen: number } : { got: number };
    const mark = JSON.stringify(said);
    if (number === 0 || mark === this.toldSeen) return;
    if (this.live.send(said)) this.toldSeen = mark;
    else if (looks && navigator.onLine) {
      const url = this.root.dataset["seen"] ?? "";
      const body = new URLSearchParams({ got: String(number), seen: String(number) });
      fetch(url, { method: "POST", body, headers: { Accept: "application/json" } }).then(
        (answer) => {
          if (answer.ok) this.toldSeen = mark;
        },
        () => undefined,
      );
    }
  }

  private tellTyping(): void {
    if (Date.now() - this.typingTold < TYPING_EACH) return;
    if (this.live.send({ typing: true })) this.typingTold = Date.now();
  }

  private showTyping(): void {
    const note = one<HTMLElement>("[data-typing]", this.root);
    if (!note) return;
    const words = one<HTMLElement>("span", note);
    if (words)
      words.textContent = named(this.words["is_writing"], this.agent || (this.words["someone"] ?? ""));
    note.hidden = false;
    clearTimeout(this.typingTimer);
    this.typingTimer = setTimeout(() => this.hideTyping(), TYPING_EACH);
  }

  private hideTyping(): void {
    clearTimeout(this.typingTimer);
    const note = one<HTMLElement>("[data-typing]", this.root);
    if (note) note.hidden = true;
  }
}

async function refusal(answer: Response): Promise<string> {
  try {
    return ((await answer.json()) as { problem?: string }).problem ?? "";
  } catch {
    return "";
  }
}
