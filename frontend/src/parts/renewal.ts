// Parts of a page that are fetched anew from time to time while somebody looks. What was drawn stays until the new is there.
// data-renew: where from; the answer holds an element of the same id. data-renew-each: after how many seconds.
import { all, one } from "./dom.ts";
import { isHeld } from "./still.ts";

const EACH = 30; // seconds

/** Nothing moves under a finger or a pointer, and what somebody opened to read stays open. */
function mayChange(part: HTMLElement): boolean {
  return !document.hidden && !isHeld(part) && part.querySelector("details[open]") === null;
}

export async function renew(part: HTMLElement): Promise<HTMLElement> {
  const address = part.dataset["renew"];
  if (!address || !mayChange(part)) return part;
  try {
    // What a page fetches by itself says so: it is no sign that somebody sits there.
    const headers = { "HX-Request": "true" };
    const answer = await fetch(address, { credentials: "same-origin", headers });
    if (!answer.ok || answer.redirected) return part;
    const fresh = one<HTMLElement>(
      `#${part.id}`,
      new DOMParser().parseFromString(await answer.text(), "text/html"),
    );
    if (!fresh || !mayChange(part)) return part;
    part.replaceWith(fresh);
    return fresh;
  } catch {
    return part; // the time beside it says how old it is
  }
}

export function startRenewal(): void {
  for (const first of all<HTMLElement>("[data-renew]")) {
    let part = first;
    const again = async () => {
      part = await renew(part);
      next();
    };
    const next = () => setTimeout(again, 1000 * Number(part.dataset["renewEach"] || EACH));
    next();
  }
}
