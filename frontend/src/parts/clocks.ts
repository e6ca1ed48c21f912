// Running times and relative times. They are drawn into plain elements and never into a live region.
import { all, onEachContent } from "./dom.ts";

/** 6:12, or 1:04:09 from an hour on. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const rest = String(whole % 60).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** "3 minutes ago" in the page's language; under a minute "now". */
export function relative(from: Date, now: Date, language: string): string {
  const seconds = (from.getTime() - now.getTime()) / 1000;
  const format = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  for (const [unit, size] of STEPS) {
    if (Math.abs(seconds) >= size) return format.format(Math.trunc(seconds / size), unit);
  }
  return format.format(0, "second");
}

/** Draw every `[data-since]` (epoch seconds) and `time[data-relative]` of the page. */
export function drawClocks(root: ParentNode = document, now: Date = new Date()): void {
  for (const element of all<HTMLElement>("[data-since]", root)) {
    const words = clock(now.getTime() / 1000 - Number(element.dataset["since"]));
    if (element.textContent !== words) element.textContent = words;
  }
  for (const element of all<HTMLTimeElement>("time[data-relative]", root)) {
    const words = relative(new Date(element.dateTime), now, document.documentElement.lang || "en");
    if (element.textContent !== words) {
      element.title ||= element.textContent ?? "";
      element.textContent = words;
    }
  }
}

/** One timer for the whole page; it rests while the page is hidden. */
export function startClocks(): void {
  onEachContent((root) => drawClocks(root));
  setInterval(() => {
    if (!document.hidden) drawClocks();
  }, 1000);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) drawClocks();
  });
}
