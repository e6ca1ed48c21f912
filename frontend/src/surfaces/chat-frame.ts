// Inside another site's page: a few words with the widget that opened this frame. Nothing of the conversation goes out.
import { one } from "../parts/dom.ts";

export type FrameWord = { civicline: "close" } | { civicline: "unread"; count: number };

/** The site around this frame, when the server knows it as one that may show it. */
function site(): string {
  return one<HTMLElement>("[data-parent]")?.dataset["parent"] ?? "";
}

export function tellFrame(word: FrameWord): void {
  const origin = site();
  if (window.parent !== window && origin) window.parent.postMessage(word, origin);
}

/** Escape closes the widget, from in here too; unless it closes something of ours first. */
export function startFrame(): void {
  if (window.parent === window) return;
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || event.isComposing) return;
    tellFrame({ civicline: "close" });
  });
  // The page can be read and written in before its script has come: from here on its keys work.
  document.documentElement.dataset["keys"] = "ready";
}
