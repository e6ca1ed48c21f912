// The desk and the live board of supervisors.
import { one } from "./parts/dom.ts";
import { startPage } from "./parts/page.ts";
import { startStaff } from "./parts/staff.ts";

startPage();
const { keys, speaker } = startStaff();

/** The nth contact of the list, or the one beside the open one. */
function openContact(which: number | "next" | "previous"): void {
  const rows = [...document.querySelectorAll<HTMLAnchorElement>(".list .conv")];
  const at = rows.findIndex((row) => row.getAttribute("aria-current") === "true");
  const target = which === "next" ? rows[at + 1] : which === "previous" ? rows[at - 1] : rows[which - 1];
  target?.click();
}

for (let place = 1; place <= 9; place += 1) {
  keys.add({ keys: `Alt+${place}`, words: "", run: () => openContact(place) });
  // In the wrap-up a digit chooses the outcome.
  keys.add({
    keys: String(place),
    words: "",
    within: ".wrapup",
    run: () => one<HTMLInputElement>(`.wrapup .chip:nth-of-type(${place}) input`)?.click(),
  });
}
keys.add(
  { keys: "Alt+J", words: "", run: () => openContact("next") },
  { keys: "Alt+K", words: "", run: () => openContact("previous") },
  { keys: "Alt+I", words: "", run: () => one<HTMLElement>("#side")?.classList.toggle("is-open") },
);

// An offer rings until it is gone. The sound says nothing that is not on the screen.
let ringing = "";
function ring(): void {
  const offer = one<HTMLElement>("[data-offer]");
  const id = offer?.dataset["offer"] ?? "";
  if (id === ringing) return;
  speaker.stop("offer-voice");
  ringing = id;
  if (!offer) return;
  if (offer.dataset["live"] === "voice") speaker.play("offer-voice");
  else speaker.play("offer-written");
}
document.addEventListener("htmx:afterSettle", ring);
ring();

// At the end of the countdown the list is asked how things stand: the server decides, the ring only shows.
document.addEventListener("countdown:over", (event) => {
  const slot = (event.target as Element).closest<HTMLElement>("[data-topic]");
  slot?.dispatchEvent(new CustomEvent("live"));
});
