// What a resident has written and the server has not yet confirmed. Words outlive the tab; files live in it.

export interface Waiting {
  /** Makes a repeat harmless: the server keeps one message for it. */
  key: string;
  body: string;
  /** Files chosen with it that are still in this tab's memory. */
  files: File[];
  /** How many files there were; more than `files` holds after the page was loaded anew. */
  hadFiles: number;
  /** Why the server would not take it, in its words; empty while it is on its way. */
  problem: string;
}

interface Kept {
  key: string;
  body: string;
  hadFiles: number;
  problem: string;
}

const PREFIX = "civicline:outbox:";

export class Outbox {
  private entries: Waiting[];
  private readonly name: string;

  constructor(
    chat: string,
    private readonly store: Storage | null,
    private readonly newKey: () => string,
  ) {
    this.name = PREFIX + chat;
    this.entries = this.read();
  }

  get all(): readonly Waiting[] {
    return this.entries;
  }

  /** The next one to send: the oldest that was not refused. */
  get next(): Waiting | undefined {
    return this.entries.find((entry) => entry.problem === "");
  }

  add(body: string, files: File[] = []): Waiting {
    const entry: Waiting = { key: this.newKey(), body, files, hadFiles: files.length, problem: "" };
    this.entries.push(entry);
    this.keep();
    return entry;
  }

  /** The server has them: true when any of these keys was waiting here. */
  confirm(keys: readonly string[]): number {
    const before = this.entries.length;
    this.entries = this.entries.filter((entry) => !keys.includes(entry.key));
    if (this.entries.length !== before) this.keep();
    return before - this.entries.length;
  }

  refuse(key: string, problem: string): void {
    const entry = this.entries.find((one) => one.key === key);
    if (!entry) return;
    entry.problem = problem;
    this.keep();
  }

  /** Send a refused one again. */
  retry(key: string): void {
    this.refuse(key, "");
  }

  private read(): Waiting[] {
    try {
      const kept = JSON.parse(this.store?.getItem(this.name) ?? "[]") as Kept[];
      return kept.map((entry) => ({ ...entry, files: [] }));
    } catch {
      return []; // another version of this page wrote it
    }
  }

  private keep(): void {
    try {
      if (this.entries.length === 0) this.store?.removeItem(this.name);
      else {
        const kept: Kept[] = this.entries.map(({ key, body, hadFiles, problem }) => ({
          key,
          body,
          hadFiles,
          problem,
        }));
        this.store?.setItem(this.name, JSON.stringify(kept));
      }
    } catch {
      // A full or forbidden store: the words stay in this tab, which is all that can be had.
    }
  }
}

export function newKey(): string {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  // Plain http to another machine has no randomUUID.
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}

export function localStore(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}
