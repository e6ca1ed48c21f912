// Boxes that count, grow and send; forms that cannot be sent twice.
import { all, fill, one } from "./dom.ts";

/** Characters as people count them: one flag or one accented letter is one. */
export function countCharacters(text: string, language = "en"): number {
  if (typeof Intl.Segmenter === "function") return [...new Intl.Segmenter(language).segment(text)].length;
  return [...text].length;
}

function keepCount(field: HTMLElement): void {
  const box = one<HTMLTextAreaElement>("textarea", field);
  const words = one<HTMLElement>("[data-count-text]", field);
  const limit = Number(field.dataset["count"]);
  if (!box || !words || !limit) return;
  // Grouped as the page's language groups, in the digits that all our pages use.
  const told = new Intl.NumberFormat(`${document.documentElement.lang || "en"}-u-nu-latn`);
  const draw = () => {
    const left = limit - countCharacters(box.value);
    const { leftOne = "", leftMany = "", overOne = "", overMany = "" } = words.dataset;
    const [single, many] = left < 0 ? [overOne, overMany] : [leftOne, leftMany];
    const count = Math.abs(left);
    words.textContent = count === 1 ? single : fill(many, { count: told.format(count) });
    words.classList.toggle("is-over", left < 0);
  };
  box.addEventListener("input", draw);
  draw();
}

function grow(box: HTMLTextAreaElement): void {
  const fit = () => {
    box.style.blockSize = "auto";
    box.style.blockSize = `${box.scrollHeight + box.offsetHeight - box.clientHeight}px`;
  };
  box.addEventListener("input", fit);
  box.form?.addEventListener("reset", () => setTimeout(fit));
  fit();
}

/** Enter sends and Shift Enter begins a line (chat); or Control Enter sends (desk). Never while a script is being composed. */
function sendByKey(box: HTMLTextAreaElement): void {
  const enterSends = box.hasAttribute("data-send-on-enter");
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || event.shiftKey || event.altKey) return;
    const combined = event.ctrlKey || event.metaKey;
    if (!combined && !(enterSends && matchMedia("(pointer: fine)").matches)) return;
    event.preventDefault();
    if (box.value.trim() !== "") box.form?.requestSubmit();
  });
}

/** A press while the first is under way is ignored; the button stays a button and says that it is busy. */
function onceOnly(form: HTMLFormElement): void {
  let busy = false;
  form.addEventListener(
    "submit",
    (event) => {
      if (busy) {
        event.preventDefault();
        event.stopImmediatePropagation();
        return;
      }
      busy = true;
      const button = (event as SubmitEvent).submitter;
      button?.setAttribute("aria-disabled", "true");
      button?.setAttribute("data-busy", "");
      const free = () => {
        busy = false;
        button?.removeAttribute("aria-disabled");
        button?.removeAttribute("data-busy");
      };
      form.addEventListener("htmx:afterRequest", free, { once: true });
      window.addEventListener("pageshow", free, { once: true });
      // Another listener (htmx, chat) took the form over, or the server is slow: let it be tried again. What opens
      // beside this page leaves the page as it is, and nothing else tells that it was answered.
      const elsewhere = (button?.getAttribute("formtarget") ?? form.target) === "_blank";
      setTimeout(free, elsewhere ? 1_000 : 8_000);
    },
    { capture: true },
  );
}

const done = new WeakSet<Element>();

function each<T extends Element>(selector: string, root: ParentNode, start: (element: T) => void): void {
  for (const element of all<T>(selector, root)) {
    if (done.has(element)) continue;
    done.add(element);
    start(element);
  }
}

export function startForms(root: ParentNode): void {
  each<HTMLElement>("[data-count]", root, keepCount);
  each<HTMLFormElement>("form[method=post]", root, onceOnly);
  for (const box of all<HTMLTextAreaElement>("textarea[data-grows]", root)) {
    if (done.has(box)) continue;
    done.add(box);
    grow(box);
    if (box.hasAttribute("data-send-on-enter") || box.dataset["send"]) sendByKey(box);
  }
}
