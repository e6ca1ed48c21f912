// How old the count is that a page shows: words and a mark once it is older than it should be.
import { fill, one } from "./dom.ts";

/** Watch `#board-age` (data-at: seconds since 1970), whose words on the page say the time while it is fresh. */
export function watchAge(staleAfterSeconds: number): void {
  const words = document.body.dataset["wordsStale"] ?? "";
  setInterval(() => {
    const age = one<HTMLElement>("#board-age");
    if (!age) return;
    const at = Number(age.dataset["at"]);
    const stale = Date.now() / 1000 - at > staleAfterSeconds;
    if (stale === age.classList.contains("is-stale")) return;
    age.classList.toggle("is-stale", stale);
    const label = one<HTMLElement>("[data-age-words]", age);
    const time = new Date(at * 1000).toLocaleTimeString(document.documentElement.lang, { hour12: false });
    if (stale && label) label.textContent = fill(words, { time });
  }, 1000);
}
