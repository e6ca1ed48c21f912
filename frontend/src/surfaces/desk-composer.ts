// The writing box: shown at once, sent with a key of its own, kept when the network is away, given back when it is refused.
import { say } from "../parts/announcer.ts";
import { csrfToken, one } from "../parts/dom.ts";
import { Drafts } from "../parts/drafts.ts";
import type { SharedLive } from "../parts/live.ts";
import { type Kept, Outbox } from "./desk-outbox.ts";
import { Suggest } from "./desk-suggest.ts";
import { pendingLine, toEnd } from "./desk-thread.ts";

interface Parts {
  /** Put the parts of an answer into the page. */
  lay: (html: string) => void;
  sent: (count: number) => void;
}

const TYPING_EVERY = 8_000; // milliseconds; the edge passes one on in 10 s

export class Composers {
  private readonly started = new WeakSet<HTMLFormElement>();
  private readonly words = document.body.dataset;
  private readonly drafts = new Drafts();
  private readonly outbox: Outbox;
  private open: Suggest | null = null;

  constructor(
    private readonly parts: Parts,
    private readonly live: SharedLive | null,
  ) {
    this.outbox = new Outbox((kept) => this.post(kept));
  }

  start(): void {
    const form = one<HTMLFormElement>("form[data-composer]");
    const box = form ? one<HTMLTextAreaElement>("textarea", form) : null;
    if (!form || !box || this.started.has(form)) return;
    this.started.add(form);
    this.keepWay(form);
    this.showKept();
    const list = one<HTMLElement>("#suggest");
    if (list) {
      const suggest = new Suggest(box, list, form, {
        csrf: csrfToken,
        unknown: this.words["wordsUnknown"] ?? "",
        say,
      });
      this.open = suggest;
      one("[data-replies]", form)?.addEventListener("click", () => suggest.openReplies());
    }
    one("[data-note]", form)?.addEventListener("click", () => {
      const note = one<HTMLInputElement>("input[value='note']", form);
      const message = one<HTMLInputElement>("input[value='message']", form);
      (note?.checked && message ? message : note)?.click();
      box.focus();
    });
    const files = one<HTMLInputElement>("input[type=file]", form);
    files?.addEventListener("change", () => {
      const names = [...(files.files ?? [])].map((file) => file.name).join(", ");
      const shown = one<HTMLElement>("[data-files]", form);
      if (shown) shown.textContent = names;
    });
    let typedAt = 0;
    box.addEventListener("input", () => {
      const contact = this.contact();
      const reply = this.via(form) !== "note";
      if (!reply || !contact || Date.now() - typedAt < TYPING_EVERY) return;
      typedAt = Date.now();
      this.live?.send({ typing: true, contact });
    });
    form.addEventListener(
      "submit",
      (event) => {
        event.preventDefault();
        event.stopImmediatePropagation();
        // The guard against a second press waits for an answer of htmx; here each text has a key of its own instead.
        form.dispatchEvent(new CustomEvent("htmx:afterRequest", { detail: { successful: false } }));
        void this.send(form, box, files);
      },
      { capture: true },
    );
  }

  get suggesting(): boolean {
    return this.open?.isOpen ?? false;
  }

  /** After the network came back: send what was kept, and say how much. */
  async flush(): Promise<void> {
    const count = await this.outbox.flush((kept) => {
      this.drafts.write(`desk-${kept.contact}`, kept.body);
      say(this.words["wordsFailed"] ?? "", "assertive");
    });
    if (count > 0) this.parts.sent(count);
  }

  private contact(): string {
    return one<HTMLElement>("#main")?.dataset["contact"] ?? "";
  }

  private via(form: HTMLFormElement): string {
    return one<HTMLInputElement>("input[name=via]:checked", form)?.value ?? "note";
  }

  /** A note that was begun stays a note when the page is drawn again: the resident must never get it. */
  private keepWay(form: HTMLFormElement): void {
    const name = `civicline:desk:way:${this.contact()}`;
    try {
      if (this.drafts.read(`desk-${this.contact()}`) && localStorage.getItem(name) === "note") {
        const note = one<HTMLInputElement>("input[value='note']", form);
        if (note) note.checked = true;
      }
      form.addEventListener("change", (event) => {
        const chosen = event.target as HTMLInputElement;
        if (chosen.name === "via") localStorage.setItem(name, chosen.value);
      });
    } catch {
      // A browser that keeps nothing has no draft to confuse either.
    }
  }

  private showKept(): void {
    for (const kept of this.outbox.of(this.contact())) this.draw(kept, this.words["wordsKept"] ?? "");
  }

  private draw(kept: Kept, state: string): void {
    const list = one<HTMLElement>("#messages");
    if (!list || kept.contact !== this.contact()) return;
    one(`[data-pending="${CSS.escape(kept.key)}"]`, list)?.remove();
    const note = kept.via === "note";
    const who = (note ? this.words["wordsNote"] : this.words["wordsYou"]) ?? "";
    list.append(pendingLine(kept.key, kept.body, note, state, who));
    toEnd(list.closest<HTMLElement>("[data-thread]"));
  }

  private drop(key: string): void {
    one(`[data-pending="${CSS.escape(key)}"]`)?.remove();
  }

  private async send(
    form: HTMLFormElement,
    box: HTMLTextAreaElement,
    files: HTMLInputElement | null,
  ): Promise<void> {
    const body = box.value;
    const withFiles = (files?.files?.length ?? 0) > 0;
    if (!body.trim() && !withFiles) return;
    const kept: Kept = {
      key: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`,
      action: form.action,
      contact: this.contact(),
      body,
      via: this.via(form),
      at: Date.now(),
    };
    const data = new FormData(form);
    data.set("client_key", kept.key);
    box.value = "";
    box.dispatchEvent(new Event("input", { bubbles: true }));
    this.drafts.clear(`desk-${kept.contact}`);
    this.draw(kept, this.words["wordsSending"] ?? "");
    box.focus();
    const became = await this.post(kept, data);
    if (became === "sent") {
      if (files) files.value = "";
      const shown = one<HTMLElement>("[data-files]", form);
      if (shown) shown.textContent = "";
      return;
    }
    if (became === "lost" && !withFiles) {
      this.outbox.keep(kept);
      this.draw(kept, this.words["wordsKept"] ?? "");
      return;
    }
    // Refused, or files that cannot be kept: the words go back into the box.
    this.drop(kept.key);
    box.value = box.value ? `${body}\n${box.value}` : body;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    if (became === "lost") say(this.words["wordsFiles"] ?? "", "assertive");
  }

  private async post(kept: Kept, data?: FormData): Promise<"sent" | "refused" | "lost"> {
    const form = data ?? new FormData();
    if (!data) {
      form.set("body", kept.body);
      form.set("via", kept.via);
      form.set("client_key", kept.key);
    }
    let answer: Response;
    try {
      answer = await fetch(kept.action, {
        method: "POST",
        body: form,
        headers: { "X-CSRFToken": csrfToken(), "HX-Request": "true" },
        signal: AbortSignal.timeout?.(20_000) ?? null,
      });
    } catch {
      return "lost";
    }
    if (answer.status >= 500) return "lost";
    const html = await answer.text();
    if (kept.contact === this.contact()) {
      if (answer.ok) this.drop(kept.key);
      this.parts.lay(html);
    }
    return answer.ok ? "sent" : "refused";
  }
}
