// The agents' desk. Parts of the page come from the server by hints; this script keeps the focus, the order and the words.
import { say } from "../parts/announcer.ts";
import { all, fill, onEachContent, one } from "../parts/dom.ts";
import type { Hint, LiveState } from "../parts/live.ts";
import { htmx } from "../parts/requests.ts";
import type { StaffPage } from "../parts/staff.ts";
import { Composers } from "./desk-composer.ts";
import { Ringer } from "./desk-ring.ts";
import { layOver, toEnd } from "./desk-thread.ts";

const NARROW = "(max-width: 1180px)";
const TYPING_SHOWN = 10_000; // milliseconds
const FLUSH_EVERY = 10_000;
const BACK_FOR = 6_000;

let acting = false;

/** The address that `hx` parts of an answer go into the page by: no swap but those of the parts themselves. */
function lay(html: string): void {
  acting = true;
  htmx.swap(document.body, html, { swapStyle: "none", swapDelay: 0, settleDelay: 0 });
}

/** The nth contact of the list, or the one beside the open one. */
function openContact(which: number | "next" | "previous"): void {
  const rows = all<HTMLAnchorElement>("#hand .conv").filter(
    (row) => row.closest("details:not([open])") === null,
  );
  const at = rows.findIndex((row) => row.getAttribute("aria-current") === "true");
  const target = which === "next" ? rows[at + 1] : which === "previous" ? rows[at - 1] : rows[which - 1];
  target?.click();
}

function markCurrent(): void {
  const open = one<HTMLElement>("#main")?.dataset["contact"] ?? "";
  for (const row of all<HTMLAnchorElement>("#hand .conv")) {
    if (row.dataset["contact"] === open) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
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

function focusOn(id: string): void {
  const target = document.getElementById(id);
  target?.scrollIntoView?.({ block: "nearest" });
  target?.focus({ preventScroll: true });
}

function startKeys({ keys }: StaffPage, composers: Composers): void {
  for (let place = 1; place <= 9; place += 1) {
    keys.add({ keys: `Alt+${place}`, words: "", run: () => openContact(place) });
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
  const words = one<HTMLElement>("#hand")?.dataset ?? {};
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
    const main = one<HTMLElement>("#main");
    const shown = one<HTMLElement>("[data-typing]");
    if (!shown || hint.topic !== `contact:${main?.dataset["contact"]}`) return;
    clearTimeout(timer);
    shown.hidden = !(hint.kind === "typing" && hint.by === "resident");
    timer = setTimeout(() => {
      shown.hidden = true;
    }, TYPING_SHOWN);
  });
}

/** Answers of the server: refusals are shown where they belong, the thread is laid over, the focus goes where it should. */
function startAnswers(): void {
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { detail } = event as CustomEvent<{
      elt: HTMLElement;
      xhr: XMLHttpRequest;
      shouldSwap: boolean;
      requestConfig: { verb: string };
    }>;
    const html = /^\s*<div id="(?:told|offers)"/.test(detail.xhr.responseText);
    if (detail.xhr.status >= 400 && html) detail.shouldSwap = true;
    // An answer to what somebody did may replace everything; what came by itself leaves alone what is in use.
    acting = detail.requestConfig.verb !== "get";
    // The answer for a contact that is not shown any more comes too late.
    if (!acting && !detail.elt.isConnected) detail.shouldSwap = false;
  });
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const { detail } = event as CustomEvent<{
      target: HTMLElement;
      fragment: DocumentFragment;
      shouldSwap: boolean;
    }>;
    const fresh = detail.fragment.firstElementChild as HTMLElement | null;
    if (!fresh) return;
    if (detail.target.id === "messages") {
      const thread = detail.target.closest<HTMLElement>("[data-thread]");
      const atEnd = !thread || Math.abs(thread.scrollTop) < 80;
      layOver(detail.target, fresh);
      if (atEnd) toEnd(thread);
      detail.shouldSwap = false;
      return;
    }
    // What somebody is filling in or has opened is left alone while it only came anew by itself.
    const held =
      detail.target.contains(document.activeElement) ||
      detail.target.matches("details[open]") ||
      detail.target.querySelector("details[open]") !== null;
    const quiet = !acting;
    if (quiet && held && ["c-head", "closing", "presence", "bell"].includes(detail.target.id))
      detail.shouldSwap = false;
    if (quiet && detail.target.id === "closing" && one("input:checked", detail.target))
      detail.shouldSwap = false;
  });
  document.addEventListener("desk:focus", (event) => {
    const { detail } = event as CustomEvent<{ on: string }>;
    markCurrent();
    focusOn(detail.on);
  });
}

/** A press on a row shows at once which contact is meant; the columns follow. */
function startRows(): void {
  document.addEventListener("htmx:beforeRequest", (event) => {
    const { detail } = event as CustomEvent<{ elt: HTMLElement }>;
    if (!detail.elt.matches("#hand .conv")) return;
    for (const row of all("#hand .conv[aria-current]")) row.removeAttribute("aria-current");
    detail.elt.setAttribute("aria-current", "true");
    const name = one<HTMLElement>(".nm", detail.elt)?.textContent ?? "";
    const heading = one<HTMLElement>("#conv-h");
    if (heading) heading.textContent = name;
    one<HTMLElement>("#main")?.setAttribute("aria-busy", "true");
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const { detail } = event as CustomEvent<{ elt: HTMLElement; successful: boolean }>;
    // Without a connection a row leads nowhere: the open contact stays marked.
    if (detail.elt.matches("#hand .conv") && !detail.successful) {
      markCurrent();
      one<HTMLElement>("#main")?.removeAttribute("aria-busy");
    }
  });
  // htmx would answer a press with Ctrl by a swap: a new tab is what was meant.
  document.addEventListener("htmx:historyRestore", () => location.reload());
  window.addEventListener("popstate", () => location.reload());
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

/** Hear of the contacts and cases that the page shows now, and of no others: a desk may listen to 64 at a time. */
function keepListening({ live }: StaffPage): () => void {
  const heard = new Set<string>();
  return () => {
    const shown = new Set(
      all<HTMLElement>("[data-topic]")
        .flatMap((part) => (part.dataset["topic"] ?? "").split(/\s+/))
        .filter((topic) => /^(contact|case):/.test(topic)),
    );
    const fresh = [...shown].filter((topic) => !heard.has(topic));
    const gone = [...heard].filter((topic) => !shown.has(topic));
    if (fresh.length > 0) live?.watch(...fresh);
    if (gone.length > 0) live?.unwatch(...gone);
    for (const topic of fresh) heard.add(topic);
    for (const topic of gone) heard.delete(topic);
  };
}

export function startDesk(page: StaffPage): void {
  // htmx carries attributes over while it settles; writing a style attribute is forbidden by our policy, so it leaves that one.
  htmx.config.attributesToSettle = ["class"];
  const ringer = new Ringer(page.speaker);
  page.speaker.volume = Number(document.body.dataset["volume"] ?? 70) / 100;
  const composers = new Composers({ lay, sent: tellSent }, page.live);
  const listen = keepListening(page);
  startKeys(page, composers);
  startTyping();
  startAnswers();
  startRows();
  startBell();
  onEachContent((root) => {
    composers.start();
    startTold(root instanceof Element ? (root.parentElement ?? root) : root);
    ringer.look();
    markCurrent();
    listen();
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
