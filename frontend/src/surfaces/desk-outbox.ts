// What was sent without a connection is kept in this browser and goes out, in order, when it is back. Each carries the key
// it was given when it was typed, so that a repeat after a lost answer is stored once.

export interface Kept {
  key: string;
  action: string;
  contact: string;
  body: string;
  via: string;
  at: number;
}

const NAME = "civicline:desk:outbox";

export class Outbox {
  private sending = false;

  constructor(
    private readonly post: (kept: Kept) => Promise<"sent" | "refused" | "lost">,
    private readonly store: Storage | null = storage(),
  ) {}

  list(): Kept[] {
    try {
      return JSON.parse(this.store?.getItem(NAME) ?? "[]") as Kept[];
    } catch {
      return [];
    }
  }

  of(contact: string): Kept[] {
    return this.list().filter((kept) => kept.contact === contact);
  }

  keep(kept: Kept): void {
    this.write([...this.list().filter((one) => one.key !== kept.key), kept]);
  }

  /** Send what is kept; how many went out. What the server refuses is given back to `refused`. */
  async flush(refused: (kept: Kept) => void = () => {}): Promise<number> {
    if (this.sending) return 0;
    this.sending = true;
    let sent = 0;
    try {
      for (const kept of this.list()) {
        const became = await this.post(kept);
        if (became === "lost") break;
        this.write(this.list().filter((one) => one.key !== kept.key));
        if (became === "sent") sent += 1;
        else refused(kept);
      }
    } finally {
      this.sending = false;
    }
    return sent;
  }

  private write(list: Kept[]): void {
    this.store?.setItem(NAME, JSON.stringify(list));
  }
}

function storage(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}
