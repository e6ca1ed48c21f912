// What a person writes is kept in this browser until it is sent. Marked with data-draft="name" on the box.
import { all } from "./dom.ts";

const PREFIX = "civicline:draft:";
const KEPT_FOR = 7 * 24 * 3600 * 1000; // a week, in milliseconds

interface Kept {
  text: string;
  at: number;
}

export class Drafts {
  constructor(
    private readonly store: Storage | null = storage(),
    private readonly now: () => number = () => Date.now(),
  ) {}

  read(name: string): string {
    const raw = this.store?.getItem(PREFIX + name);
    if (!raw) return "";
    try {
      const kept = JSON.parse(raw) as Kept;
      return this.now() - kept.at <= KEPT_FOR ? kept.text : "";
    } catch {
      return ""; // another version of this page wrote it
    }
  }

  /** False when the browser would not keep it (private window, full store): the page then says so. */
  write(name: string, text: string): boolean {
    if (!this.store) return false;
    try {
      if (text.trim() === "") this.store.removeItem(PREFIX + name);
      else this.store.setItem(PREFIX + name, JSON.stringify({ text, at: this.now() } satisfies Kept));
      return true;
    } catch {
      return false;
    }
  }

  clear(name: string): void {
    this.store?.removeItem(PREFIX + name);
  }

  /** Forget what is older than a week, so that shared computers keep nothing for long. */
  sweep(): void {
    if (!this.store) return;
    for (const key of Object.keys(this.store)) {
      if (key.startsWith(PREFIX) && this.read(key.slice(PREFIX.length)) === "") this.store.removeItem(key);
    }
  }
}

function storage(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

export function startDrafts(root: ParentNode, drafts: Drafts = new Drafts()): void {
  for (const box of all<HTMLTextAreaElement>("textarea[data-draft]", root)) {
    const name = box.dataset["draft"];
    if (!name || box.dataset["draftOn"]) continue;
    box.dataset["draftOn"] = "yes";
    if (box.value === "") box.value = drafts.read(name);
    let timer: ReturnType<typeof setTimeout> | undefined;
    box.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => drafts.write(name, box.value), 300);
    });
    window.addEventListener("pagehide", () => drafts.write(name, box.value));
    // A sent message needs no draft; a failed one keeps it.
    box.form?.addEventListener("htmx:afterRequest", (event) => {
      const { detail } = event as CustomEvent<{ successful?: boolean }>;
      if (!detail?.successful) return;
      clearTimeout(timer);
      drafts.clear(name);
    });
    box.form?.addEventListener("submit", () => {
      clearTimeout(timer);
      drafts.write(name, box.value);
    });
  }
}
