// The live board of supervisors: the stream of hints, the age of the count, parts that wait while a finger is on them,
// and deeds in a dialog. Without this script every link is a page and every button a form.
import { watchAge } from "../parts/age.ts";
import { all, one } from "../parts/dom.ts";
import { pageHandlers } from "../parts/fragments.ts";
import { LiveBoard } from "../parts/live-board.ts";
import { OfflineBar } from "../parts/offline-bar.ts";
import { openDialog } from "../parts/overlays.ts";

const STALE_AFTER = 15; // seconds
const HELD_AT_MOST = 15_000; // milliseconds
const MOVING = ["people", "alarms", "queues"];

/** Since when a part has been kept as it is because somebody points at it or has the focus in it. */
const held = new Map<string, number>();

/** Whether the further alarms are unfolded: it stays so when their part is drawn anew. */
let moreOpen = false;

function isHeld(part: Element): boolean {
  return part.matches(":hover") || part.contains(document.activeElement);
}

/** A part under a finger waits for the next count, but never so long that it would tell an old story. */
function holdStill(event: Event): void {
  const { target, shouldSwap } = (event as CustomEvent<{ target: Element; shouldSwap: boolean }>).detail;
  if (!shouldSwap || !MOVING.includes(target.id)) return;
  const since = held.get(target.id) ?? Date.now();
  if (isHeld(target) && Date.now() - since < HELD_AT_MOST) {
    held.set(target.id, since);
    (event as CustomEvent<{ shouldSwap: boolean }>).detail.shouldSwap = false;
  } else {
    held.delete(target.id);
    moreOpen = one<HTMLDetailsElement>("#more-alarms")?.open ?? moreOpen;
  }
}

function startDialog(): void {
  document.addEventListener("htmx:afterSwap", (event) => {
    const target = (event as CustomEvent<{ target: Element }>).detail.target;
    if (target.id !== "act-body" && target.id !== "act-parts") return;
    openDialog("act");
    const first =
      one<HTMLElement>("#act-parts [role=alert]") ??
      one<HTMLElement>("#act-parts select, #act-parts input:not([type=hidden])");
    if (first?.getAttribute("role") === "alert") first.tabIndex = -1;
    first?.focus();
  });
}

export function startSupervisor(): void {
  const address = document.body.dataset["boardLive"];
  if (!address) return;
  const bar = new OfflineBar();
  new LiveBoard(
    address,
    pageHandlers((state) => bar.show(state)),
  ).start();
  document.addEventListener("htmx:oobBeforeSwap", holdStill);
  startDialog();
  watchAge(STALE_AFTER);
  // An alarm that is new is told once, in words, to those who do not see it come.
  const known = new Set(all(".alarm").map((alarm) => alarm.id));
  document.addEventListener("htmx:oobAfterSwap", () => {
    const more = one<HTMLDetailsElement>("#more-alarms");
    if (more && moreOpen) more.open = true;
    for (const alarm of all<HTMLElement>(".alarm")) {
      if (known.has(alarm.id)) continue;
      known.add(alarm.id);
      document.dispatchEvent(new CustomEvent("board:alarm", { detail: alarm.id }));
      const region = one<HTMLElement>("[aria-live=assertive]");
      if (region) region.textContent = one("h2", alarm)?.textContent ?? "";
    }
  });
}
