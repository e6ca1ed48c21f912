// Legs that a page has just asked for, as a supervisor who listens or a colleague who says yes: the telephone picks these up
// without a press. The exchange names each in the header of its invitation; whatever nobody here asked for rings as any call.
export const LEG_HEADER = "X-Civicline-Leg";

const MOMENTS = 20_000; // milliseconds in which a leg that was asked for is still expected

export class AskedLegs {
  private readonly asked = new Map<string, number>();

  constructor(private readonly now: () => number = () => Date.now()) {}

  ask(leg: string): void {
    if (leg) this.asked.set(leg, this.now());
  }

  /** Whether this leg was asked for moments ago; each is good for one time. */
  takes(leg: string): boolean {
    const at = this.asked.get(leg);
    this.asked.delete(leg);
    return at !== undefined && this.now() - at <= MOMENTS;
  }
}
