// What the server answers, and where it goes: never over what somebody is filling in, never into another contact than the one
// it is about, and the focus moves only where the person who pressed the key wants it.
import { all, one } from "../parts/dom.ts";
import { renewWhenLetGo } from "../parts/fragments.ts";
import { htmx } from "../parts/requests.ts";
import { isHeld } from "../parts/still.ts";
import { layOver, toEnd } from "./desk-thread.ts";

interface Asked {
  by: HTMLElement;
  /** The contact that was open when it was asked. */
  contact: string;
  /** What had the focus then. */
  from: Element | null;
  /** Whether the answer opens another contact. */
  opens: boolean;
}

interface RequestDetail {
  elt: HTMLElement;
  xhr: XMLHttpRequest;
  successful?: boolean;
  shouldSwap: boolean;
  requestConfig: { verb: string };
}

const ROW = "#hand .conv";
/** Parts that are left alone while somebody uses them, and who brings them again afterwards. */
const HELD: Record<string, string> = {
  "c-head": "#main",
  closing: "#main",
  presence: "#hand",
  bell: "#bell",
};

const asked = new Map<XMLHttpRequest, Asked>();
const owed = new Set<string>();
let acting = false;
let answer: Asked | null = null;

export function openId(): string {
  return one<HTMLElement>("#main")?.dataset["contact"] ?? "";
}

export function markCurrent(): void {
  const open = openId();
  for (const row of all<HTMLAnchorElement>(ROW)) {
    if (row.dataset["contact"] === open) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
}

/** Put the parts of an answer into the page: no swap but those of the parts themselves. */
export function lay(html: string): void {
  acting = true;
  htmx.swap(document.body, html, { swapStyle: "none", swapDelay: 0, settleDelay: 0 });
}

function focusOn(id: string): void {
  const target = document.getElementById(id);
  target?.scrollIntoView?.({ block: "nearest" });
  target?.focus({ preventScroll: true });
}

/** Without the token of the form, which is another in every answer. */
function bare(part: Element): string {
  const copy = part.cloneNode(true) as Element;
  for (const token of all("input[name=csrfmiddlewaretoken]", copy)) token.remove();
  return copy.innerHTML;
}

function inUse(part: HTMLElement, fresh: HTMLElement): boolean {
  if (part.matches("details[open]") || part.querySelector("details[open]")) return true;
  if (part.id === "closing" && one("input:checked", part)) return true;
  const active = document.activeElement;
  if (!active || !part.contains(active)) return false;
  // The heading takes the focus after an opening; being drawn anew gives it back to where it was.
  return !(active.matches("h1[id], h2[id]") && fresh.querySelector(`#${CSS.escape(active.id)}`));
}

/** What could not be shown while it was in use is asked for again as soon as it is let go. */
function payOwed(): void {
  for (const id of [...owed]) {
    const part = document.getElementById(id);
    if (part && inUse(part, part)) continue;
    owed.delete(id);
    one(HELD[id] ?? "")?.dispatchEvent(new CustomEvent("live"));
  }
}

function startAsking(): void {
  document.addEventListener("htmx:beforeRequest", (event) => {
    const { elt, xhr } = (event as CustomEvent<RequestDetail>).detail;
    const opens = elt.matches(ROW);
    // Only the contact that was pressed last is opened, whichever answer comes first.
    if (opens) for (const [other, one] of [...asked]) if (one.opens) other.abort();
    asked.set(xhr, { by: elt, contact: openId(), from: document.activeElement, opens });
    xhr.addEventListener("loadend", () => asked.delete(xhr));
    if (opens) markMeant(elt);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const { elt, successful } = (event as CustomEvent<RequestDetail>).detail;
    // Without a connection a row leads nowhere: the open contact stays marked.
    if (!elt.matches(ROW) || successful) return;
    markCurrent();
    one<HTMLElement>("#main")?.removeAttribute("aria-busy");
  });
}

/** A press on a row shows at once which contact is meant; the columns follow. */
function markMeant(pressed: HTMLElement): void {
  for (const row of all(`${ROW}[aria-current]`)) row.removeAttribute("aria-current");
  pressed.setAttribute("aria-current", "true");
  const name = one<HTMLElement>(".nm", pressed)?.textContent ?? "";
  const heading = one<HTMLElement>("#conv-h");
  if (heading) heading.textContent = name;
  one<HTMLElement>("#main")?.setAttribute("aria-busy", "true");
}

function startTaking(): void {
  // The body is the target of every request of the desk, so that this is heard for rows and columns that are gone by now, too.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { detail } = event as CustomEvent<RequestDetail>;
    const words = /^\s*<div id="(?:told|offers)"/.test(detail.xhr.responseText);
    if (detail.xhr.status >= 400 && words) detail.shouldSwap = true;
    // An answer to what somebody did may replace everything; what came by itself leaves alone what is in use.
    acting = detail.requestConfig.verb !== "get";
    answer = asked.get(detail.xhr) ?? null;
    // How a contact stands that is not the open one any more comes too late.
    if (!acting && answer && isOfOpen(answer.by) && answer.contact !== openId()) detail.shouldSwap = false;
  });
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const { detail } = event as CustomEvent<{
      target: HTMLElement;
      fragment: DocumentFragment;
      shouldSwap: boolean;
    }>;
    const fresh = detail.fragment.firstElementChild as HTMLElement | null;
    if (!fresh) return;
    const { target } = detail;
    if (target.id === "messages") {
      const thread = target.closest<HTMLElement>("[data-thread]");
      const atEnd = !thread || Math.abs(thread.scrollTop) < 80;
      layOver(target, fresh);
      if (atEnd) toEnd(thread);
      detail.shouldSwap = false;
      return;
    }
    if (acting || answer?.opens) return;
    // A list that somebody has reached while its news were under way: they are asked for again when it is let go.
    if (target.hasAttribute("data-still") && isHeld(target)) {
      detail.shouldSwap = false;
      renewWhenLetGo(target);
      return;
    }
    if (!(target.id in HELD)) return;
    if (bare(target) === bare(fresh)) detail.shouldSwap = false;
    else if (inUse(target, fresh)) {
      detail.shouldSwap = false;
      owed.add(target.id);
    }
  });
}

/** Whether an element asks on behalf of the open contact. */
function isOfOpen(elt: HTMLElement): boolean {
  return elt.id === "main" || elt.id === "side";
}

/** The focus follows what was pressed, unless the person has gone elsewhere in the same contact while the answer was under way.
 * Where another contact opens it always moves: what is typed on must never land in the box of somebody else. */
function startFocus(): void {
  document.addEventListener("desk:focus", (event) => {
    const { detail } = event as CustomEvent<{ on: string }>;
    const active = document.activeElement;
    const stayed = active === null || active === document.body || active === answer?.from;
    const another = answer === null || answer.contact !== openId();
    markCurrent();
    if (another || stayed) focusOn(detail.on);
  });
}

export function startAnswers(): void {
  // htmx carries attributes over while it settles; writing a style attribute is forbidden by our policy, so it leaves that one.
  htmx.config.attributesToSettle = ["class"];
  // A part that is drawn works at once: with a pause to settle, a row pressed in it would load a whole page, a text would be
  // sent by a plain form, and the focus would be moved a moment after the person moved it.
  htmx.config.defaultSettleDelay = 0;
  startAsking();
  startTaking();
  startFocus();
  document.addEventListener("focusout", () => setTimeout(payOwed));
  document.addEventListener("toggle", () => setTimeout(payOwed), { capture: true });
}
