// The box to write in: text and files, checked before they are sent so that nothing has to come back.
import { fill, one } from "../parts/dom.ts";
import type { Words } from "./chat-thread.ts";

export interface Limits {
  /** Characters of one message. */
  most: number;
  /** Megabytes of one file. */
  maxMb: number;
}

export class SayBox {
  private chosen: File[] = [];
  private readonly box: HTMLTextAreaElement | null;
  private readonly input: HTMLInputElement | null;

  constructor(
    private readonly form: HTMLFormElement,
    private readonly words: Words,
    private readonly limits: Limits,
    private readonly send: (text: string, files: File[]) => void,
  ) {
    this.box = one<HTMLTextAreaElement>("textarea", form);
    this.input = one<HTMLInputElement>('input[type="file"]', form);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.input?.addEventListener("change", () => {
      this.choose([...(this.input?.files ?? [])]);
      if (this.input) this.input.value = "";
      this.box?.focus();
    });
    this.box?.addEventListener("paste", (event) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (files.length === 0) return;
      event.preventDefault();
      this.choose(files);
    });
  }

  onInput(act: () => void): void {
    this.box?.addEventListener("input", act);
  }

  /** "Your message to Nadia". */
  label(words: string): void {
    const label = one<HTMLLabelElement>('label[for="say"]', this.form);
    if (label && label.textContent !== words) label.textContent = words;
  }

  private choose(files: File[]): void {
    for (const file of files) {
      if (file.size > this.limits.maxMb * 1_000_000) {
        const size = (file.size / 1_000_000).toFixed(1);
        this.problem(fill(this.words["too_big"] ?? "", { name: file.name, size, most: this.limits.maxMb }));
      } else {
        this.problem("");
        this.chosen.push(file);
      }
    }
    this.showFiles();
  }

  private submit(): void {
    const text = this.box?.value ?? "";
    const over = text.length - this.limits.most;
    if (over > 0) {
      this.problem(fill(this.words["too_long"] ?? "", { over }));
      this.done(false);
      return;
    }
    if (text.trim() === "" && this.chosen.length === 0) {
      this.done(false);
      this.box?.focus();
      return;
    }
    this.problem("");
    const files = this.chosen;
    this.chosen = [];
    this.showFiles();
    if (this.box) {
      this.box.value = "";
      this.box.dispatchEvent(new Event("input", { bubbles: true }));
      this.box.focus();
    }
    this.done(true);
    this.send(text, files);
  }

  /** Frees the button and, when it was taken, lets the kept draft go: both listen for this. */
  private done(successful: boolean): void {
    this.form.dispatchEvent(new CustomEvent("htmx:afterRequest", { detail: { successful } }));
  }

  private showFiles(): void {
    const place = one<HTMLElement>("[data-files]", this.form.parentElement ?? document);
    if (!place) return;
    place.hidden = this.chosen.length === 0;
    place.textContent = "";
    for (const file of this.chosen) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "btn btn-quiet";
      button.textContent = `${file.name} ×`;
      button.setAttribute("aria-label", `${this.words["remove"] ?? ""}: ${file.name}`);
      button.addEventListener("click", () => {
        this.chosen = this.chosen.filter((one) => one !== file);
        this.showFiles();
        this.box?.focus();
      });
      place.append(button);
    }
  }

  private problem(words: string): void {
    const area = this.form.parentElement;
    let place = document.getElementById("say-error");
    if (!words) {
      place?.remove();
      this.box?.removeAttribute("aria-invalid");
      this.box?.removeAttribute("aria-describedby");
      return;
    }
    if (!place) {
      place = document.createElement("p");
      place.id = "say-error";
      place.className = "err";
      place.setAttribute("role", "alert");
      area?.insertBefore(place, this.form);
    }
    place.textContent = words;
    this.box?.setAttribute("aria-invalid", "true");
    this.box?.setAttribute("aria-describedby", "say-error");
  }
}
