// How well a call is heard, out of what the browser counts: packets lost, how unevenly they come, how long they travel.

export interface Sample {
  /** Milliseconds. */
  at: number;
  received: number;
  lost: number;
  /** Seconds. */
  jitter: number;
  /** Seconds; null while nobody has measured it. */
  roundTrip: number | null;
  /** Of what we sent, as the other side told: 0 to 1. */
  lostThere: number;
}

export type Grade = "good" | "fair" | "poor" | "unknown";

export interface Quality {
  grade: Grade;
  /** Per cent, the worse of both directions. */
  loss: number;
  /** Milliseconds. */
  jitter: number;
  roundTrip: number | null;
}

/** Up to these a call is good, up to the second ones fair. The time there and back follows ITU-T G.114: 150 and 400 ms each way. */
const LIMITS = { loss: [1, 5], jitter: [30, 60], roundTrip: [300, 800] } as const;
const GRADES: Grade[] = ["good", "fair", "poor"];

function rank(value: number, [good, fair]: readonly [number, number]): number {
  return value <= good ? 0 : value <= fair ? 1 : 2;
}

export const UNKNOWN: Quality = { grade: "unknown", loss: 0, jitter: 0, roundTrip: null };

/** The quality between two samples; unknown while nothing came, as when a caller is on hold. */
export function grade(before: Sample, now: Sample): Quality {
  const received = now.received - before.received;
  const lost = Math.max(0, now.lost - before.lost);
  if (received <= 0 && lost === 0) return UNKNOWN;
  const loss = Math.max((lost / (received + lost)) * 100, now.lostThere * 100);
  const jitter = now.jitter * 1000;
  const roundTrip = now.roundTrip === null ? null : now.roundTrip * 1000;
  const worst = Math.max(
    rank(loss, LIMITS.loss),
    rank(jitter, LIMITS.jitter),
    roundTrip === null ? 0 : rank(roundTrip, LIMITS.roundTrip),
  );
  return { grade: GRADES[worst] ?? "unknown", loss, jitter, roundTrip };
}

/** One sample out of a report of the browser; null while no sound has come. */
export function sample(report: Iterable<Record<string, unknown>>, at: number): Sample | null {
  let found: Sample | null = null;
  let roundTrip: number | null = null;
  let lostThere = 0;
  for (const row of report) {
    const audio = row["kind"] === "audio" || row["mediaType"] === "audio";
    if (row["type"] === "inbound-rtp" && audio) {
      found = {
        at,
        received: Number(row["packetsReceived"] ?? 0),
        lost: Number(row["packetsLost"] ?? 0),
        jitter: Number(row["jitter"] ?? 0),
        roundTrip: null,
        lostThere: 0,
      };
    } else if (row["type"] === "remote-inbound-rtp" && audio) {
      if (typeof row["roundTripTime"] === "number") roundTrip = row["roundTripTime"];
      lostThere = Math.min(1, Math.max(0, Number(row["fractionLost"] ?? 0)));
    } else if (row["type"] === "candidate-pair" && row["nominated"] === true && roundTrip === null) {
      if (typeof row["currentRoundTripTime"] === "number") roundTrip = row["currentRoundTripTime"];
    }
  }
  return found ? { ...found, roundTrip, lostThere } : null;
}

/** Grades over some seconds, so that one late packet is no storm: the words change when two looks agree. */
export class Watch {
  private readonly samples: Sample[] = [];
  private shown: Grade = "unknown";
  private next: Grade = "unknown";

  constructor(private readonly kept = 4) {}

  add(now: Sample | null): Quality {
    if (now === null) return UNKNOWN;
    this.samples.push(now);
    if (this.samples.length > this.kept) this.samples.shift();
    const before = this.samples[0];
    if (!before || before === now) return UNKNOWN;
    const found = grade(before, now);
    if (found.grade === this.next || this.shown === "unknown" || found.grade === "unknown")
      this.shown = found.grade;
    this.next = found.grade;
    return { ...found, grade: this.shown };
  }
}
