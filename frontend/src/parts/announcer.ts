// Speaks to screen readers through the two live regions that each shell holds.
// Assertive is for an offer, a called number, an emergency and an error summary; everything else is polite.

export type Urgency = "polite" | "assertive";

const pending = new Map<Urgency, ReturnType<typeof setTimeout>>();

/** Say `words`. The region is emptied first, so that the same words are heard again. */
export function say(words: string, urgency: Urgency = "polite"): void {
  const region = document.getElementById(`say-${urgency}`);
  if (!region || !words) return;
  clearTimeout(pending.get(urgency));
  region.textContent = "";
  pending.set(
    urgency,
    setTimeout(() => {
      region.textContent = words;
    }, 60),
  );
}

export interface Told {
  place: number;
  /** Ends of the range in minutes; null when the wait is not known. */
  low: number | null;
  high: number | null;
}

const RANGE_MOVED = 2; // minutes
const AT_MOST_EACH = 60_000; // milliseconds

/** Decides whether a new place or wait is said: when the place changed, or the range moved by two minutes, once a minute at most. */
export class PlaceSpeaker {
  private last: Told | null = null;
  private saidAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly now: () => number = () => Date.now()) {}

  shouldSay(told: Told): boolean {
    if (this.last === null) return this.keep(told);
    const moved = told.place !== this.last.place || this.rangeMoved(told, this.last);
    if (!moved || this.now() - this.saidAt < AT_MOST_EACH) return false;
    return this.keep(told);
  }

  private rangeMoved(told: Told, last: Told): boolean {
    if ((told.high === null) !== (last.high === null)) return true;
    const low = Math.abs((told.low ?? 0) - (last.low ?? 0));
    const high = Math.abs((told.high ?? 0) - (last.high ?? 0));
    return Math.max(low, high) >= RANGE_MOVED;
  }

  private keep(told: Told): true {
    this.last = told;
    this.saidAt = this.now();
    return true;
  }
}
