// Suggestions under the writing box: canned replies after "/" at the start of a line, colleagues after "@".
import { one } from "../parts/dom.ts";

interface Suggestion {
  words: string;
  note: string;
  take: () => void;
}

interface Text {
  code: string;
  title: string;
  text: string;
  missing: string[];
  use: string;
}

export interface Words {
  csrf: () => string;
  unknown: string;
  say: (words: string) => void;
}

/** Colleagues after "@" in boxes of notes that are no conversation, such as those of a case. */
export function startNoteBoxes(words: Words): void {
  for (const form of document.querySelectorAll<HTMLFormElement>(
    "form[data-colleagues]:not([data-composer])",
  )) {
    const box = one<HTMLTextAreaElement>("textarea", form);
    const list = one<HTMLElement>("[data-suggest]", form);
    if (box && list) new Suggest(box, list, form, words);
  }
}

export class Suggest {
  private shown: Suggestion[] = [];
  private at = 0;
  private asked: AbortController | null = null;

  constructor(
    private readonly box: HTMLTextAreaElement,
    private readonly list: HTMLElement,
    private readonly form: HTMLFormElement,
    private readonly words: Words,
  ) {
    box.addEventListener("input", () => void this.look());
    box.addEventListener("keydown", (event) => this.key(event));
    box.addEventListener("blur", () =>
      setTimeout(() => {
        if (document.activeElement !== box) this.close();
      }, 150),
    );
    list.addEventListener("mousedown", (event) => {
      event.preventDefault(); // the box keeps the focus
      const row = (event.target as Element).closest<HTMLElement>("[data-at]");
      if (row) this.shown[Number(row.dataset["at"])]?.take();
    });
    box.setAttribute("aria-autocomplete", "list");
    box.setAttribute("aria-controls", list.id);
  }

  /** The button beside the box opens all replies. */
  openReplies(): void {
    this.box.focus();
    void this.texts("", this.box.selectionStart, this.box.selectionStart);
  }

  get isOpen(): boolean {
    return !this.list.hidden;
  }

  close(): void {
    this.asked?.abort();
    this.list.hidden = true;
    this.shown = [];
    this.box.removeAttribute("aria-activedescendant");
  }

  private async look(): Promise<void> {
    const before = this.box.value.slice(0, this.box.selectionStart);
    const slash = /(?:^|\n)\/([^\n]{0,40})$/.exec(before);
    if (slash && this.form.dataset["texts"]) {
      const word = slash[1] ?? "";
      await this.texts(word, before.length - word.length - 1, before.length);
      return;
    }
    const named = /(?:^|\s)@([\p{L}.'’-]{0,30})$/u.exec(before);
    if (named) {
      const word = named[1] ?? "";
      await this.people(word, before.length - word.length - 1, before.length);
      return;
    }
    this.close();
  }

  private async ask<T>(address: string, query: string): Promise<T[] | null> {
    this.asked?.abort();
    const asked = new AbortController();
    this.asked = asked;
    try {
      const url = new URL(address, location.href);
      url.searchParams.set("q", query);
      const answer = await fetch(url, { signal: asked.signal, headers: { "HX-Request": "true" } });
      if (!answer.ok) return null;
      return ((await answer.json()) as { results: T[] }).results;
    } catch {
      return null; // another question came, or the network is away
    }
  }

  private async texts(query: string, from: number, to: number): Promise<void> {
    const found = await this.ask<Text>(this.form.dataset["texts"] ?? "", query);
    if (!found) return;
    this.draw(
      found.map((text) => ({
        words: text.title,
        note: text.text,
        take: () => {
          this.put(text.text, from, to);
          if (text.missing.length > 0) this.words.say(`${this.words.unknown} ${text.missing.join(", ")}`);
          void fetch(text.use, {
            method: "POST",
            headers: { "X-CSRFToken": this.words.csrf(), "HX-Request": "true" },
          });
        },
      })),
    );
  }

  private async people(query: string, from: number, to: number): Promise<void> {
    const found = await this.ask<{ handle: string; name: string }>(
      this.form.dataset["colleagues"] ?? "",
      query,
    );
    if (!found) return; // closing would end the newer question too
    if (found.length === 0) {
      this.close();
      return;
    }
    this.draw(
      found.map((person) => ({
        words: person.name,
        note: `@${person.handle}`,
        take: () => {
          this.put(`@${person.handle} `, from, to);
          // Colleagues are named in notes only: the resident must never read it.
          one<HTMLInputElement>("input[value='note']", this.form)?.click();
        },
      })),
    );
  }

  private put(text: string, from: number, to: number): void {
    this.box.setRangeText(text, from, to, "end");
    this.close();
    this.box.dispatchEvent(new Event("input", { bubbles: true }));
    this.close();
    this.box.focus();
  }

  private draw(suggestions: Suggestion[]): void {
    this.shown = suggestions;
    this.at = 0;
    this.list.replaceChildren(
      ...suggestions.map(({ words, note }, at) => {
        const row = document.createElement("li");
        row.id = `suggest-${at}`;
        row.dataset["at"] = String(at);
        row.setAttribute("role", "option");
        const title = document.createElement("strong");
        title.textContent = words;
        const more = document.createElement("span");
        more.className = "meta cut";
        more.dir = "auto";
        more.textContent = note;
        row.append(title, more);
        return row;
      }),
    );
    if (suggestions.length === 0) {
      const none = document.createElement("li");
      none.className = "meta";
      none.setAttribute("role", "option");
      none.setAttribute("aria-disabled", "true");
      none.textContent = this.list.dataset["none"] ?? "";
      this.list.append(none);
    }
    this.list.hidden = false;
    this.mark();
  }

  private mark(): void {
    for (const [at, row] of [...this.list.children].entries()) {
      row.setAttribute("aria-selected", String(at === this.at && this.shown.length > 0));
      if (at === this.at) row.scrollIntoView?.({ block: "nearest" });
    }
    if (this.shown.length > 0) this.box.setAttribute("aria-activedescendant", `suggest-${this.at}`);
  }

  private key(event: KeyboardEvent): void {
    if (!this.isOpen) return;
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      this.close();
    } else if (this.shown.length === 0 || event.ctrlKey || event.altKey || event.metaKey) {
      return;
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : this.shown.length - 1;
      this.at = (this.at + step) % this.shown.length;
      this.mark();
    } else if (event.key === "Enter" || event.key === "Tab") {
      event.preventDefault();
      event.stopPropagation();
      this.shown[this.at]?.take();
    }
  }
}
