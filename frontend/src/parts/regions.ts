// Walking the regions of a page: F6 forwards, Shift F6 back. A region is found again after it was drawn anew.
import { all } from "./dom.ts";

const REGIONS = "nav[aria-label], main, section[aria-label], aside[aria-label]";

/** The regions that can be seen, in the order of the page; what stands inside the main part is no region of its own. */
export function regions(root: ParentNode = document): HTMLElement[] {
  return all<HTMLElement>(REGIONS, root).filter(
    (region) =>
      region.closest("[hidden], dialog:not([open])") === null &&
      (region.checkVisibility?.({ visibilityProperty: true }) ?? true) &&
      !region.parentElement?.closest("main, aside"),
  );
}

function nameOf(region: HTMLElement): string {
  return region.id || region.getAttribute("aria-label") || region.tagName;
}

/** The region that held the focus last, by name: the focus falls to the body when its element is taken away, the place does not. */
let last = "";

export function startRegions(): void {
  document.addEventListener("focusin", (event) => {
    const within = event.target as Node;
    const region = regions().find((each) => each.contains(within));
    if (region) last = nameOf(region);
  });
}

export function nextRegion(step: 1 | -1): void {
  const here = regions();
  if (here.length === 0) return;
  const active = document.activeElement;
  let at = here.findIndex((region) => region.contains(active));
  if (at === -1 && (active === document.body || !active?.isConnected))
    at = here.findIndex((region) => nameOf(region) === last);
  const next = at === -1 ? (step === 1 ? 0 : here.length - 1) : (at + step + here.length) % here.length;
  const region = here[next];
  if (!region) return;
  if (!region.hasAttribute("tabindex")) region.tabIndex = -1;
  region.focus();
  last = nameOf(region);
}
