// A screen on a wall: the stream of hints, parts fetched anew, and the truth about its age.
import { one } from "./parts/dom.ts";
import { pageHandlers } from "./parts/fragments.ts";
import { LiveBoard } from "./parts/live-board.ts";
import { startPage } from "./parts/page.ts";
import { startWallAge } from "./surfaces/board.ts";

startPage();

const root = one<HTMLElement>("[data-live]");
if (root?.dataset["live"]) {
  new LiveBoard(
    root.dataset["live"],
    pageHandlers(() => {}),
  ).start();
  startWallAge();
}

/** The clock of the wall, on the second. While the count is old, the words of its last time stand there instead. */
function tick(): void {
  const clock = one<HTMLElement>("[data-clock]");
  if (clock && !document.body.classList.contains("is-stale")) {
    clock.textContent = new Intl.DateTimeFormat(document.documentElement.lang, {
      hour: "2-digit",
      minute: "2-digit",
      hour12: false,
    }).format(new Date());
  } else if (clock?.dataset["lastCount"]) {
    clock.textContent = clock.dataset["lastCount"];
  }
  setTimeout(tick, 1000 - (Date.now() % 1000));
}
tick();
