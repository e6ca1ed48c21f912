// What is written beside the picture: lines of both sides in their order, and a box that keeps what could not be sent.
import { one } from "../parts/dom.ts";
import type { Told } from "./video-stage.ts";

export class VideoWriting {
  /** The number of the last line that this page has. */
  last = 0;
  private readonly lines: HTMLElement;
  private readonly form: HTMLFormElement;
  private readonly field: HTMLInputElement;
  private toldUpTo = 0;

  constructor(
    root: HTMLElement,
    private readonly words: Record<string, string>,
    private readonly send: (fields: Record<string, string>) => Promise<boolean>,
  ) {
    const found = [
      one<HTMLElement>("[data-video-lines]", root),
      one<HTMLFormElement>("[data-video-write]", root),
      one<HTMLInputElement>("[data-video-write] input", root),
    ] as const;
    if (!found[0] || !found[1] || !found[2]) throw new Error("the page has no place for lines");
    [this.lines, this.form, this.field] = found as [HTMLElement, HTMLFormElement, HTMLInputElement];
  }

  start(): void {
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.submit();
    });
  }

  /** Whether lines came that nobody was told of as read. */
  hasNews(): boolean {
    if (this.last === this.toldUpTo) return false;
    this.toldUpTo = this.last;
    return true;
  }

  add(lines: Told["lines"]): void {
    for (const line of lines) {
      if (line.number <= this.last) continue;
      this.last = line.number;
      const item = document.createElement("li");
      item.className = `video-line video-line-${line.side}`;
      const who = document.createElement("b");
      who.textContent = line.side === "me" ? (this.words["you"] ?? "") : line.who;
      const text = document.createElement("span");
      text.dir = "auto";
      text.textContent = line.text;
      item.append(who, " ", text);
      this.lines.append(item);
    }
    if (lines.length) this.lines.scrollTop = this.lines.scrollHeight;
  }

  clear(): void {
    this.lines.replaceChildren();
    this.last = 0;
    this.toldUpTo = 0;
  }

  private async submit(): Promise<void> {
    const text = this.field.value.trim();
    if (!text) return;
    const key = this.field.dataset["key"] || newKey();
    this.field.dataset["key"] = key;
    const sent = await this.send({ text, key });
    const said = one<HTMLElement>("[data-video-write-said]", this.form.parentElement ?? this.form);
    if (sent) {
      this.field.value = "";
      delete this.field.dataset["key"];
    }
    if (said) said.textContent = sent ? "" : (this.words["not-sent"] ?? "");
    this.field.focus();
  }
}

/** A name of this text's own, so that sending it twice leaves it once. */
function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(12))]
    .map((one) => one.toString(16).padStart(2, "0"))
    .join("");
}
