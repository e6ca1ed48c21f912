// Ctrl K: search and commands in one box. A combobox with a list, filtered here, and filled from the server where it can.
import { icon, one } from "./dom.ts";

export interface Command {
  id: string;
  words: string;
  note?: string;
  icon?: string;
  /** More words that find it. */
  also?: string;
  href?: string;
  run?: () => void;
}

export type Source = (query: string, signal: AbortSignal) => Promise<Command[]>;

/** How well a command fits: every word of the query must begin some word of it. Lower is better; null does not fit. */
export function fit(command: Command, query: string): number | null {
  const plain = (text: string) => text.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase();
  const wanted = plain(query).split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return 0;
  const words = plain(command.words);
  const all = `${words} ${plain(command.also ?? "")}`.split(/[\s,:;.–-]+/);
  let score = words.startsWith(wanted.join(" ")) ? 0 : 1;
  for (const word of wanted) {
    const at = all.findIndex((one) => one.startsWith(word));
    if (at === -1) return null;
    score += at * 0.01;
  }
  return score;
}

export function choose(commands: Command[], query: string, most = 12): Command[] {
  return commands
    .map((command) => ({ command, score: fit(command, query) }))
    .filter((each): each is { command: Command; score: number } => each.score !== null)
    .sort((a, b) => a.score - b.score)
    .slice(0, most)
    .map(({ command }) => command);
}

/** Commands from an address that answers {"results": [{id, words, note, icon, href}]}. */
export function fromServer(url: string): Source {
  return async (query, signal) => {
    if (query.trim().length < 2) return [];
    const address = new URL(url, location.href);
    address.searchParams.set("q", query);
    const answer = await fetch(address, { signal, headers: { Accept: "application/json" } });
    if (!answer.ok) return [];
    return ((await answer.json()) as { results: Command[] }).results;
  };
}

export class Palette {
  private readonly input: HTMLInputElement | null;
  private readonly list: HTMLElement | null;
  private shown: Command[] = [];
  private at = 0;
  private asked: AbortController | null = null;
  private pause: ReturnType<typeof setTimeout> | undefined;
  private returnTo: HTMLElement | null = null;

  constructor(
    private readonly commands: () => Command[],
    private readonly sources: Source[] = [],
    private readonly dialog: HTMLDialogElement | null = one<HTMLDialogElement>("#palette"),
    private readonly go: (href: string) => void = (href) => location.assign(href),
  ) {
    this.input = dialog ? one<HTMLInputElement>("input", dialog) : null;
    this.list = dialog ? one<HTMLElement>("[role=listbox]", dialog) : null;
  }

  start(): this {
    this.input?.addEventListener("input", () => this.search(this.input?.value ?? ""));
    this.input?.addEventListener("keydown", (event) => this.key(event));
    this.list?.addEventListener("click", (event) => {
      const item = (event.target as Element).closest<HTMLElement>("[data-at]");
      if (item) this.take(Number(item.dataset["at"]));
    });
    this.dialog?.addEventListener("close", () => this.returnTo?.focus());
    return this;
  }

  open(query = ""): void {
    if (!this.dialog || !this.input || this.dialog.open) return;
    this.returnTo = document.activeElement as HTMLElement | null;
    this.input.value = query;
    this.dialog.showModal();
    this.input.focus();
    this.search(query);
  }

  private search(query: string): void {
    this.draw(choose(this.commands(), query), query);
    clearTimeout(this.pause);
    this.asked?.abort();
    if (this.sources.length === 0) return;
    const asked = new AbortController();
    this.asked = asked;
    this.pause = setTimeout(async () => {
      const found = await Promise.allSettled(this.sources.map((source) => source(query, asked.signal)));
      if (asked.signal.aborted) return;
      const more = found.flatMap((each) => (each.status === "fulfilled" ? each.value : []));
      if (more.length > 0) this.draw([...choose(this.commands(), query, 6), ...more], query);
    }, 150);
  }

  private draw(commands: Command[], query: string): void {
    if (!this.list || !this.input) return;
    this.shown = commands;
    this.at = 0;
    this.list.replaceChildren(...commands.map((command, at) => this.row(command, at)));
    if (commands.length === 0 && query.trim()) {
      const none = document.createElement("li");
      none.className = "palette-none";
      none.textContent = this.list.dataset["none"] ?? "";
      this.list.append(none);
    }
    this.mark();
  }

  private row(command: Command, at: number): HTMLElement {
    const row = document.createElement("li");
    row.id = `palette-${at}`;
    row.setAttribute("role", "option");
    row.dataset["at"] = String(at);
    if (command.icon) row.append(icon(command.icon));
    const words = document.createElement("bdi");
    words.textContent = command.words;
    row.append(words);
    if (command.note) {
      const note = document.createElement("span");
      note.className = "palette-note";
      note.textContent = command.note;
      row.append(note);
    }
    return row;
  }

  private mark(): void {
    for (const [at, row] of [...(this.list?.children ?? [])].entries()) {
      row.setAttribute("aria-selected", String(at === this.at && this.shown.length > 0));
      if (at === this.at) row.scrollIntoView?.({ block: "nearest" });
    }
    if (this.shown.length > 0) this.input?.setAttribute("aria-activedescendant", `palette-${this.at}`);
    else this.input?.removeAttribute("aria-activedescendant");
  }

  private key(event: KeyboardEvent): void {
    const count = this.shown.length;
    if (event.key === "Escape") {
      // A search box would only clear itself.
      event.preventDefault();
      this.dialog?.close();
    } else if (event.key === "Enter") {
      event.preventDefault();
      this.take(this.at);
    } else if (count > 0 && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      this.at = (this.at + (event.key === "ArrowDown" ? 1 : count - 1)) % count;
      this.mark();
    }
  }

  private take(at: number): void {
    const command = this.shown[at];
    if (!command) return;
    this.returnTo = command.run ? null : this.returnTo;
    this.dialog?.close();
    if (command.run) command.run();
    else if (command.href) this.go(command.href);
  }
}
