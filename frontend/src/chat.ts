// The resident's chat: hints over the live connection, messages fetched as fragments, delivered and seen told back.
import { PlaceSpeaker, say } from "./parts/announcer.ts";
import { one } from "./parts/dom.ts";
import { lastNumber, pageHandlers } from "./parts/fragments.ts";
import { type Hint, Live, SharedLive } from "./parts/live.ts";
import { OfflineBar } from "./parts/offline-bar.ts";
import { startPage } from "./parts/page.ts";

const TYPING_SHOWN = 10_000; // milliseconds
const TYPING_TOLD_EACH = 5_000;

startPage();

const chat = one<HTMLElement>("[data-live]");
if (chat?.dataset["live"]) startChat(chat, chat.dataset["live"]);

function startChat(root: HTMLElement, url: string): void {
  const bar = new OfflineBar();
  const options = { url, ...pageHandlers((state) => bar.show(state)) };
  // A proof in the page (the embedded chat has no cookie of its own) belongs to this tab alone.
  const auth = root.dataset["auth"];
  const live = auth ? new Live({ ...options, auth }).start() : new SharedLive(options).start();

  const tellRead = () => {
    const list = one<HTMLElement>("[data-after]", root);
    const number = list ? lastNumber(list) : 0;
    if (number === 0) return;
    live.send(document.hidden || !document.hasFocus() ? { got: number } : { got: number, seen: number });
  };
  document.addEventListener("htmx:afterSettle", tellRead);
  document.addEventListener("live:state", tellRead);
  window.addEventListener("focus", tellRead);

  startTyping(root, live);
  startPlace();
}

function startTyping(root: HTMLElement, live: { send(said: Record<string, unknown>): boolean }): void {
  let toldAt = 0;
  one<HTMLTextAreaElement>("#say", root)?.addEventListener("input", () => {
    if (Date.now() - toldAt < TYPING_TOLD_EACH) return;
    toldAt = Date.now();
    live.send({ typing: true });
  });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const note = one<HTMLElement>("[data-typing]", root);
  document.addEventListener("live:hint", (event) => {
    const hint = (event as CustomEvent<Hint>).detail;
    if (!note) return;
    clearTimeout(timer);
    note.hidden = !(hint.kind === "typing" && hint.by !== "resident");
    if (!note.hidden) {
      timer = setTimeout(() => {
        note.hidden = true;
      }, TYPING_SHOWN);
    }
  });
}

/** The place and the wait are said when the place changes or the range moves by two minutes, once a minute at most. */
function startPlace(): void {
  const speaker = new PlaceSpeaker();
  const read = (first: boolean) => {
    const place = one<HTMLElement>("[data-place]");
    if (!place) return;
    const { low, high } = place.dataset;
    const told = {
      place: Number(place.dataset["place"]),
      low: low ? Number(low) : null,
      high: high ? Number(high) : null,
    };
    const words = one<HTMLElement>(".place-top, .pos", place)?.textContent?.replace(/\s+/g, " ").trim() ?? "";
    if (speaker.shouldSay(told) && !first) say(words);
  };
  read(true);
  document.addEventListener("htmx:afterSettle", () => read(false));
}
