// Small comforts of a form: where I am now, copy the link, print. Buttons that need a script are hidden without one.
import { all, fill, one } from "../parts/dom.ts";

const METRES = 250; // a place less sure than this is told as it is, and still sent: words say the rest

function startLocate(box: HTMLElement): void {
  const ask = one<HTMLButtonElement>("[data-locate-ask]", box);
  const says = one<HTMLElement>("[data-locate-says]", box);
  const [north, east] = ["latitude", "longitude"].map((name) => one<HTMLInputElement>(`[name=${name}]`, box));
  if (!ask || !says || !north || !east || !("geolocation" in navigator)) return;
  ask.hidden = false;
  ask.addEventListener("click", () => {
    says.textContent = box.dataset["waiting"] ?? "";
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        north.value = coords.latitude.toFixed(6);
        east.value = coords.longitude.toFixed(6);
        const step = coords.accuracy > METRES ? 100 : 10;
        const metres = Math.max(step, Math.ceil(coords.accuracy / step) * step);
        says.textContent = fill(box.dataset["found"] ?? "", { metres });
      },
      () => {
        says.textContent = box.dataset["refused"] ?? "";
      },
      { enableHighAccuracy: true, timeout: 15_000, maximumAge: 60_000 },
    );
  });
}

function startCopy(button: HTMLButtonElement): void {
  if (!navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(button.dataset["copy"] ?? "");
    } catch {
      return; // the link stands beside the button and can be copied by hand
    }
    const words = one<HTMLElement>("span", button);
    if (words) words.textContent = button.dataset["copied"] ?? words.textContent;
    const polite = document.getElementById("say-polite");
    if (polite) polite.textContent = button.dataset["copied"] ?? "";
  });
}

export function startForm(): void {
  for (const box of all<HTMLElement>("[data-locate]")) startLocate(box);
  for (const button of all<HTMLButtonElement>("[data-copy]")) startCopy(button);
  for (const button of all<HTMLButtonElement>("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
}
