// A wall is believed by everybody who walks past: it says so as soon as its count is old, whatever went wrong.
import { one } from "../parts/dom.ts";

const STALE_AFTER = 15_000; // milliseconds

/** Old is a count that has not changed for 15 s by this screen's own watch: its clock may differ from the server's. */
export function startWallAge(): void {
  let counted = "";
  let heard = performance.now();
  setInterval(() => {
    const at = one<HTMLElement>("[data-clock]")?.dataset["at"] ?? "";
    if (at !== counted) {
      counted = at;
      heard = performance.now();
    }
    document.body.classList.toggle("is-stale", performance.now() - heard > STALE_AFTER);
  }, 1000);
}
