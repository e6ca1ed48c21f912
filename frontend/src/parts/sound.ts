// Short tones made by Web Audio; nothing is fetched. No sound without something visible that says the same.

export type Sound = "offer-voice" | "offer-written" | "message" | "emergency" | "alarm" | "lobby";

interface Tone {
  /** Hertz. */
  pitch: number;
  /** Seconds from the start of the sound. */
  at: number;
  /** Seconds. */
  length: number;
}

interface Shape {
  tones: Tone[];
  /** Seconds between repeats; 0 sounds once. */
  every: number;
  /** Loudness where 1 is the person's own setting. */
  level: number;
  /** The least loudness that the person's setting can bring it to. */
  floor: number;
}

export const SOUNDS: Record<Sound, Shape> = {
  "offer-voice": { tones: [tone(440, 0, 0.22), tone(660, 0.24, 0.3)], every: 3, level: 1, floor: 0 },
  "offer-written": { tones: [tone(523, 0, 0.35)], every: 0, level: 0.6, floor: 0 },
  message: { tones: [tone(880, 0, 0.05)], every: 0, level: 0.4, floor: 0 },
  emergency: {
    tones: [tone(660, 0, 0.18), tone(880, 0.22, 0.18), tone(660, 0.44, 0.3)],
    every: 2,
    level: 1,
    floor: 0.4,
  },
  alarm: { tones: [tone(220, 0, 0.5)], every: 60, level: 0.8, floor: 0 },
  lobby: { tones: [tone(659, 0, 0.3), tone(523, 0.3, 0.3)], every: 0, level: 0.8, floor: 0 },
};

const DUCKED = 10 ** (-18 / 20); // -18 dB while a call is heard

function tone(pitch: number, at: number, length: number): Tone {
  return { pitch, at, length };
}

export class Speaker {
  /** Each person's own volume, 0 to 1. */
  volume = 0.7;
  /** Sounds a person has turned on or off; the message tick is off until turned on. */
  readonly off = new Set<Sound>(["message"]);
  /** While a call's speech is heard, every sound gives way. */
  duringCall = false;
  private context: AudioContext | null = null;
  private sink = "";
  private readonly repeats = new Map<Sound, ReturnType<typeof setInterval>>();

  constructor(private readonly make: () => AudioContext = () => new AudioContext()) {}

  /** Where it rings, where the browser lets us choose: the id of a loudspeaker, "" for the usual one. */
  set device(id: string) {
    this.sink = id;
    if (this.context) this.lead(this.context);
  }

  /** Loudness of a sound now, 0 to 1. */
  level(sound: Sound): number {
    const shape = SOUNDS[sound];
    const own = Math.max(shape.floor, this.off.has(sound) && shape.floor === 0 ? 0 : this.volume);
    return own * shape.level * (this.duringCall ? DUCKED : 1);
  }

  /** Sound it, and repeat it until `stop` where its kind repeats. */
  play(sound: Sound): void {
    this.stop(sound);
    this.once(sound);
    const { every } = SOUNDS[sound];
    if (every > 0)
      this.repeats.set(
        sound,
        setInterval(() => this.once(sound), every * 1000),
      );
  }

  stop(sound: Sound): void {
    clearInterval(this.repeats.get(sound));
    this.repeats.delete(sound);
  }

  stopAll(): void {
    for (const sound of [...this.repeats.keys()]) this.stop(sound);
  }

  /** Browsers allow sound after a press; call this from the first one. */
  wake(): void {
    void this.audio()?.resume?.();
  }

  private audio(): AudioContext | null {
    try {
      if (!this.context) {
        this.context = this.make();
        if (this.sink) this.lead(this.context);
      }
      return this.context;
    } catch {
      return null; // no sound on this machine: what is visible says the same
    }
  }

  private lead(context: AudioContext): void {
    const to = context as AudioContext & { setSinkId?: (id: string) => Promise<void> };
    void to.setSinkId?.(this.sink).catch(() => {}); // a device that is gone leaves the usual one
  }

  private once(sound: Sound): void {
    const loudness = this.level(sound);
    const audio = loudness > 0 ? this.audio() : null;
    if (!audio) return;
    for (const { pitch, at, length } of SOUNDS[sound].tones) {
      const begin = audio.currentTime + at;
      const wave = audio.createOscillator();
      const gain = audio.createGain();
      wave.type = "sine";
      wave.frequency.value = pitch;
      // A short rise and a long fall: no click at either end.
      gain.gain.setValueAtTime(0, begin);
      gain.gain.linearRampToValueAtTime(loudness * 0.4, begin + 0.015);
      gain.gain.exponentialRampToValueAtTime(0.0001, begin + length);
      wave.connect(gain).connect(audio.destination);
      wave.start(begin);
      wave.stop(begin + length + 0.02);
    }
  }
}
