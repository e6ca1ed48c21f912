// The agents' desk. Parts of the page come from the server by hints; this script keeps the focus, the order and the words.
import { say } from "../parts/announcer.ts";
import { all, fill, onEachContent, one } from "../parts/dom.ts";
import { answering } from "../parts/fragments.ts";
import type { Hint, LiveState } from "../parts/live.ts";
import { htmx } from "../parts/requests.ts";
import type { StaffPage } from "../parts/staff.ts";
import { lay, markCurrent, openId, startAnswers } from "./desk-answers.ts";
import { Composers } from "./desk-composer.ts";
import { Ringer } from "./desk-ring.ts";
import { toEnd } from "./desk-thread.ts";

const NARROW = "(max-width: 1180px)";
const TYPING_SHOWN = 10_000; // milliseconds
const FLUSH_EVERY = 10_000;
const BACK_FOR = 6_000;

/** The nth contact of the list, or the one beside the open one. */
function openContact(which: number | "next" | "previous"): void {
  const rows = all<HTMLAnchorElement>("#hand .conv").filter(
    (row) => row.closest("details:not([open])") === null,
  );
  const at = rows.findIndex((row) => row.getAttribute("aria-current") === "true");
  const target = which === "next" ? rows[at + 1] : which === "previous" ? rows[at - 1] : rows[which - 1];
  target?.click();
}

/** The right column: a drawer where it has no room of its own, else the focus goes there. Escape brings it back. */
function knowledge(): void {
  const side = one<HTMLElement>("#side");
  const toggle = one<HTMLElement>(".side-toggle");
  if (!side) return;
  if (!matchMedia(NARROW).matches) {
    side.focus();
    return;
  }
  const open = side.classList.toggle("is-open");
  toggle?.setAttribute("aria-expanded", String(open));
  if (open) side.focus();
  else toggle?.focus();
}

function startKeys({ keys }: StaffPage, composers: Composers): void {
  const words = one<HTMLElement>("#hand")?.dataset ?? {};
  for (let place = 1; place <= 9; place += 1) {
    keys.add({
      keys: `Alt+${place}`,
      words: place === 1 ? (words["wordsPlace"] ?? "") : "",
      run: () => openContact(place),
    });
    // In the wrap-up a digit chooses the outcome.
    keys.add({
      keys: String(place),
      words: "",
      within: ".wrapup",
      run: () => {
        const chip = all<HTMLInputElement>(".wrapup .chip input")[place - 1];
        chip?.click();
        chip?.focus();
      },
    });
  }
  keys.add(
    { keys: "Alt+J", words: words["wordsNext"] ?? "", run: () => openContact("next") },
    { keys: "Alt+K", words: words["wordsPrevious"] ?? "", run: () => openContact("previous") },
    { keys: "Alt+I", words: words["wordsKnow"] ?? "", run: knowledge },
    {
      // Complete only once an outcome is chosen; until then the key brings the choice.
      keys: "Alt+W",
      words: "",
      run: () => {
        const chosen = one<HTMLInputElement>(".wrapup input[name=disposition]:checked");
        const first = one<HTMLInputElement>(".wrapup input[name=disposition]");
        if (chosen) one<HTMLFormElement>(".wrapup form")?.requestSubmit();
        else first?.focus();
      },
    },
  );
  // Not in the map of keys, which would take Escape away from open dialogs.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || composers.suggesting) return;
    if (!one("dialog[open]") && one("#side.is-open")) knowledge();
  });
}

function startTyping(): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  document.addEventListener("live:hint", (event) => {
    const hint = (event as CustomEvent<Hint>).detail;
    const shown = one<HTMLElement>("[data-typing]");
    if (!shown || hint.topic !== `contact:${openId()}`) return;
    clearTimeout(timer);
    shown.hidden = !(hint.kind === "typing" && hint.by === "resident");
    timer = setTimeout(() => {
      shown.hidden = true;
    }, TYPING_SHOWN);
  });
}

/** The answer to an offer brings the place of offers anew: the hint of one's own answer needs no fetch. */
function startOwnAnswers(): void {
  const lost = new WeakMap<XMLHttpRequest, () => void>();
  document.addEventListener("htmx:beforeRequest", (event) => {
    const { xhr, pathInfo } = (
      event as CustomEvent<{ xhr: XMLHttpRequest; pathInfo: { requestPath: string } }>
    ).detail;
    const offer = /\/desk\/offers\/([0-9a-f-]{36})\/(accept|decline)$/.exec(pathInfo.requestPath)?.[1];
    if (offer) lost.set(xhr, answering(offer));
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const { xhr } = (event as CustomEvent<{ xhr: XMLHttpRequest }>).detail;
    // 409: gone, and the answer shows the list as it is. Anything else that failed brought nothing.
    if ((xhr.status < 200 || xhr.status >= 300) && xhr.status !== 409) lost.get(xhr)?.();
  });
}

function startBell(): void {
  document.addEventListener(
    "toggle",
    (event) => {
      const bell = event.target as HTMLDetailsElement;
      if (bell.id !== "bell" || !bell.open || !one(".bell-count", bell)) return;
      one(".bell-count", bell)?.remove();
      void fetch(bell.dataset["seen"] ?? "", { headers: { "HX-Request": "true" } });
    },
    { capture: true },
  );
  document.addEventListener("live:hint", (event) => {
    const hint = (event as CustomEvent<Hint>).detail;
    if (hint.topic.startsWith("user:") && ["mention", "consult"].includes(hint.kind)) {
      say(document.body.dataset["wordsMention"] ?? "");
    }
  });
}

/** "Back. 2 messages sent." in the one bar under the top bar. */
function tellSent(count: number): void {
  const bar = one<HTMLElement>("[data-offline]");
  const text = bar ? one<HTMLElement>("p", bar) : null;
  if (!bar || !text) return;
  const { back = "", sentOne = "", sentMany = "" } = bar.dataset;
  const before = [...text.childNodes];
  text.textContent = `${back} ${count === 1 ? sentOne : fill(sentMany, { count })}`;
  bar.classList.add("is-back");
  bar.hidden = false;
  say(text.textContent);
  setTimeout(() => {
    bar.hidden = true;
    text.replaceChildren(...before);
  }, BACK_FOR);
}

/** Words about what was just done go by themselves; a refusal stays until something else is done. */
function startTold(root: ParentNode): void {
  for (const told of all<HTMLElement>("[data-told].notice-ok", root)) setTimeout(() => told.remove(), 8_000);
}

/** Drawn anew as a whole; while a call lives in this page, by its parts. */
function anew(): void {
  if (document.documentElement.dataset["talking"] !== "yes") location.reload();
  else void htmx.ajax("get", location.pathname, { target: document.body, swap: "none" });
}

export function startDesk(page: StaffPage): void {
  const ringer = new Ringer(page.speaker);
  page.speaker.volume = Number(document.body.dataset["volume"] ?? 70) / 100;
  const composers = new Composers({ lay, sent: tellSent }, page.live);
  startKeys(page, composers);
  startTyping();
  startAnswers();
  startOwnAnswers();
  // The page that the browser would bring back is not as it was: it is drawn anew.
  document.addEventListener("htmx:historyRestore", anew);
  window.addEventListener("popstate", anew);
  startBell();
  onEachContent((root) => {
    composers.start();
    startTold(root instanceof Element ? (root.parentElement ?? root) : root);
    ringer.look();
    markCurrent();
    if (root === document || (root instanceof Element && root.id === "main"))
      toEnd(one<HTMLElement>("[data-thread]"));
  });
  document.addEventListener("htmx:afterSettle", () => {
    ringer.look();
    markCurrent();
  });
  document.addEventListener("click", (event) => {
    if ((event.target as Element).closest("[data-side]")) knowledge();
  });
  document.addEventListener("live:state", (event) => {
    const state = (event as CustomEvent<LiveState>).detail;
    if (state === "live") void composers.flush();
  });
  window.addEventListener("online", () => void composers.flush());
  void composers.flush();
  // A loss too short for the live connection to notice leaves kept words behind, too.
  setInterval(() => void composers.flush(), FLUSH_EVERY);
  // At the end of the countdown the list is asked how things stand: the server decides, the ring only shows.
  document.addEventListener("countdown:over", (event) => {
    const slot = (event.target as Element).closest<HTMLElement>("[data-topic]");
    slot?.dispatchEvent(new CustomEvent("live"));
  });
}
