// The waits of the front page, fetched anew each half minute while somebody looks. What was drawn stays until the new is there.
import { one } from "../parts/dom.ts";

const EACH = 30_000; // milliseconds

export async function renew(part: HTMLElement): Promise<HTMLElement> {
  const address = part.dataset["renew"];
  if (!address || document.hidden || part.contains(document.activeElement)) return part; // nothing moves under a finger
  try {
    const answer = await fetch(address, { credentials: "same-origin" });
    if (!answer.ok) return part;
    const fresh = one<HTMLElement>(
      `#${part.id}`,
      new DOMParser().parseFromString(await answer.text(), "text/html"),
    );
    if (!fresh) return part;
    part.replaceWith(fresh);
    return fresh;
  } catch {
    return part; // the time beside the waits says how old they are
  }
}

export function startWaits(): void {
  let part = one<HTMLElement>("[data-renew]");
  if (!part) return;
  setInterval(async () => {
    if (part) part = await renew(part);
  }, EACH);
}
