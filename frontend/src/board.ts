// A screen on a wall: the stream of hints, parts fetched anew, and the truth about its age.
import { one } from "./parts/dom.ts";
import { pageHandlers } from "./parts/fragments.ts";
import { LiveBoard, type LiveState } from "./parts/live.ts";
import { startPage } from "./parts/page.ts";

startPage();

const STALE_AFTER = 15_000; // milliseconds

const root = one<HTMLElement>("[data-live]");
if (root?.dataset["live"]) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stale = (is: boolean) => document.body.classList.toggle("is-stale", is);
  const onState = (state: LiveState) => {
    clearTimeout(timer);
    if (state === "live") stale(false);
    else timer = setTimeout(() => stale(true), STALE_AFTER - 5_000); // offline is told after five seconds already
  };
  new LiveBoard(root.dataset["live"], pageHandlers(onState)).start();
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
