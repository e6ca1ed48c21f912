// Fields for payment data: while one has the focus, the call's recording is silent. The key on the panel does the same.
import { csrfToken, one } from "../parts/dom.ts";

const LINGER = 1500; // milliseconds: from one marked field to the next is not leaving them

export type Tell = (url: string) => Promise<unknown>;

async function tell(url: string): Promise<unknown> {
  return fetch(url, {
    method: "POST",
    body: new URLSearchParams({ why: "field" }),
    headers: { "X-CSRFToken": csrfToken(), "HX-Request": "true" },
  }).catch(() => null); // not recorded, or over: there is nothing to silence
}

/** Follows the focus; what is told to the server keeps its order. */
export class PaymentFields {
  private told: Promise<unknown> = Promise.resolve();
  private leaving: ReturnType<typeof setTimeout> | undefined;
  private place: HTMLElement | null = null;

  constructor(private readonly send: Tell = tell) {}

  start(): this {
    document.addEventListener("focusin", (event) => this.look(event.target as Element));
    document.addEventListener("focusout", () => this.look(null));
    return this;
  }

  look(field: Element | null): void {
    const place = field?.closest("[data-payment]")
      ? (field.closest<HTMLElement>("[data-payment-silence]") ?? one<HTMLElement>("[data-payment-silence]"))
      : null;
    clearTimeout(this.leaving);
    if (place) {
      if (!this.place) this.say(place, "paymentSilence");
      this.place = place;
    } else if (this.place) {
      this.leaving = setTimeout(() => this.leave(), LINGER);
    }
  }

  private leave(): void {
    if (this.place) this.say(this.place, "paymentGoOn");
    this.place = null;
  }

  private say(place: HTMLElement, what: string): void {
    const url = place.dataset[what] ?? "";
    this.told = this.told.then(() => this.send(url));
  }
}
