// A picture wider than the page opens where it begins: at its first step.

/** Moves each picture sideways until its first step stands in the middle of what can be seen. */
export function startPictures(): void {
  for (const frame of document.querySelectorAll<HTMLElement>(".flow-frame")) {
    const first = frame.querySelector(".flow-first")?.getBoundingClientRect();
    if (!first) continue;
    const seen = frame.getBoundingClientRect();
    frame.scrollLeft += first.left + first.width / 2 - (seen.left + seen.width / 2);
  }
}
