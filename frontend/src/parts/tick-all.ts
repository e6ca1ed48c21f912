// One box that ticks all boxes of a name in its form, says how many are ticked, and follows those that are ticked by hand.
// Boxes may stand outside of the form that they belong to.
import { all, fill, onEachContent } from "./dom.ts";

function boxesOf(head: HTMLInputElement): HTMLInputElement[] {
  const parts = [...(head.form?.elements ?? [])] as HTMLInputElement[];
  return parts.filter((part) => part.type === "checkbox" && part.name === head.dataset["tickAll"]);
}

function follow(head: HTMLInputElement): void {
  const boxes = boxesOf(head);
  const ticked = boxes.filter((box) => box.checked).length;
  head.checked = boxes.length > 0 && ticked === boxes.length;
  head.indeterminate = ticked > 0 && ticked < boxes.length;
  const words = document.getElementById(head.getAttribute("aria-describedby") ?? "");
  const text = fill(words?.dataset["words"] ?? "", { ticked, count: boxes.length });
  if (words && words.textContent !== text) words.textContent = text;
}

/** Without this script the box is hidden, and each is ticked by hand. */
export function startTickAll(): void {
  onEachContent((root) => {
    for (const head of all<HTMLInputElement>("[data-tick-all]", root)) {
      if (head.parentElement) head.parentElement.hidden = false;
      follow(head);
    }
  });
  document.addEventListener("change", (event) => {
    const box = event.target as HTMLInputElement;
    if (box.dataset["tickAll"] !== undefined) for (const one of boxesOf(box)) one.checked = box.checked;
    for (const head of all<HTMLInputElement>("[data-tick-all]")) if (head.form === box.form) follow(head);
  });
}
