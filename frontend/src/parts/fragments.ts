// Parts of a page that stay true by themselves. An element says which hints concern it and where its new self is fetched:
//   <div hx-get="/desk/offers" hx-trigger="live" data-topic="agent:7" data-kinds="offer contact">
// A hint of that topic (and kind, when named) triggers `live` on it; a resync triggers it on all. `data-still` waits until
// the element is let go. A list of messages has data-after: it asks only for what follows its last data-number.

import { all } from "./dom.ts";
import type { Hint, LiveState } from "./live.ts";
import { Still } from "./still.ts";

const stills = new WeakMap<HTMLElement, Still>();
const queued = new Set<HTMLElement>();
const OWN_KEPT = 20;

/** Many hints in one moment make one fetch. */
function trigger(element: HTMLElement): void {
  if (queued.has(element)) return;
  queued.add(element);
  setTimeout(() => {
    queued.delete(element);
    standing(element)?.dispatchEvent(new CustomEvent("live"));
  }, 15);
}

/** What stands for the element now: an answer that was written before the hint may have just put a new one in its place. */
function standing(element: HTMLElement): HTMLElement | null {
  if (element.isConnected) return element;
  return element.id ? document.getElementById(element.id) : null;
}

/** Fetch an element anew. Where it has to keep still just now, what comes with it is drawn, and it is fetched again when let go. */
export function renew(element: HTMLElement): void {
  if (!element.hasAttribute("data-still") || renewWhenLetGo(element)) trigger(element);
}

/** Fetch an element anew when it is let go, or now when nobody holds it; whether it is held. */
export function renewWhenLetGo(element: HTMLElement): boolean {
  const still = stills.get(element) ?? new Still(element);
  stills.set(element, still);
  const held = still.isHeld;
  still.change(() => trigger(element));
  return held;
}

export function concerns(element: HTMLElement, hint: Hint): boolean {
  const topics = (element.dataset["topic"] ?? "").split(/\s+/);
  if (!topics.includes(hint.topic)) return false;
  const kinds = element.dataset["kinds"];
  return !kinds || kinds.split(/\s+/).includes(hint.kind);
}

/** What this page is answering itself: the answer brings the part anew, so the hint of it fetches nothing again. */
const own: string[] = [];

/** Begin to answer; call what comes back when no answer came, so that the page looks after all. */
export function answering(id: string): () => void {
  own.push(id);
  if (own.length > OWN_KEPT) own.shift();
  return () => {
    const at = own.indexOf(id);
    if (at !== -1) own.splice(at, 1);
    renewAll();
  };
}

export function hear(hint: Hint, root: ParentNode = document): void {
  if (hint.kind === "typing" || (hint.kind === "offer" && own.includes(hint.id ?? ""))) return;
  for (const element of all<HTMLElement>("[data-topic]", root)) {
    if (concerns(element, hint)) renew(element);
  }
}

export function renewAll(root: ParentNode = document): void {
  for (const element of all<HTMLElement>("[data-topic]", root)) renew(element);
}

/** The number of the last message that a list shows. */
export function lastNumber(list: HTMLElement): number {
  const numbers = all<HTMLElement>("[data-number]", list).map((item) => Number(item.dataset["number"]));
  return Math.max(Number(list.dataset["after"] ?? 0), 0, ...numbers);
}

export function startFragments(): void {
  document.addEventListener("htmx:configRequest", (event) => {
    const { detail } = event as CustomEvent<{ elt: HTMLElement; parameters: Record<string, unknown> }>;
    if (detail.elt.dataset["after"] !== undefined) detail.parameters["after"] = lastNumber(detail.elt);
  });
  // The same message can come twice, from a hint and from its own sending: the first stays.
  document.addEventListener("htmx:afterSwap", () => {
    for (const list of all<HTMLElement>("[data-after]")) {
      const seen = new Set<string>();
      for (const item of all<HTMLElement>("[data-number]", list)) {
        const number = item.dataset["number"] ?? "";
        if (seen.has(number)) item.remove();
        seen.add(number);
      }
    }
  });
}

/** Handlers that join a live connection to the page. */
export function pageHandlers(onState: (state: LiveState) => void) {
  return {
    onHint(hint: Hint): void {
      document.dispatchEvent(new CustomEvent("live:hint", { detail: hint }));
      hear(hint);
    },
    onResync(): void {
      document.dispatchEvent(new CustomEvent("live:resync"));
      renewAll();
    },
    onState(state: LiveState): void {
      document.dispatchEvent(new CustomEvent("live:state", { detail: state }));
      onState(state);
    },
    onSignedOut: (): void => location.reload(),
  };
}
