// The day under way: its parts renew themselves on a hint and every half minute. A part in which somebody is filling in a
// form, or has the focus, or has opened something to read, waits until it is let go; the line at the top says so.

import { watchAge } from "../parts/age.ts";
import { all, one } from "../parts/dom.ts";
import { pageHandlers } from "../parts/fragments.ts";
import { LiveBoard } from "../parts/live-board.ts";
import { OfflineBar } from "../parts/offline-bar.ts";

const STALE_AFTER = 75; // seconds: two rounds were missed

/** Forms of this part in which something is another than it was drawn. */
function isFilledIn(part: HTMLElement): boolean {
  return all<HTMLInputElement>("form input", part).some((box) => {
    if (box.type === "checkbox") return Boolean(box.name) && box.checked !== box.defaultChecked;
    return box.type !== "hidden" && box.value !== box.defaultValue;
  });
}

export function isKept(part: HTMLElement): boolean {
  return (
    part.contains(document.activeElement) || part.querySelector("details[open]") !== null || isFilledIn(part)
  );
}

export function startToday(): void {
  const root = one<HTMLElement>("#today-now");
  const address = document.body.dataset["boardLive"];
  if (!root || !address) return;
  const waiting = new Set<string>();
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const detail = (event as CustomEvent<{ target: HTMLElement; shouldSwap: boolean }>).detail;
    if (!detail.target.hasAttribute("data-live-part")) return;
    const kept = isKept(detail.target);
    if (kept) detail.shouldSwap = false;
    waiting[kept ? "add" : "delete"](detail.target.id);
    tell(waiting.size > 0);
  });
  // What was let go is drawn anew at once, and not only with the next round.
  for (const name of ["focusout", "toggle"]) {
    document.addEventListener(name, () => setTimeout(() => catchUp(root, waiting)), true);
  }
  const bar = new OfflineBar();
  new LiveBoard(
    address,
    pageHandlers((state) => bar.show(state)),
  ).start();
  watchAge(STALE_AFTER);
}

function catchUp(root: HTMLElement, waiting: Set<string>): void {
  const free = [...waiting].some((id) => {
    const part = document.getElementById(id);
    return part !== null && !isKept(part);
  });
  if (!free) return;
  waiting.clear();
  root.dispatchEvent(new CustomEvent("live"));
}

function tell(waits: boolean): void {
  const line = one<HTMLElement>("#today-kept");
  const words = waits ? (line?.dataset["words"] ?? "") : "";
  if (line && line.textContent !== words) line.textContent = words;
}
