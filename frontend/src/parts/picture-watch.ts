// Whether a picture moves: browsers keep showing the last one when nothing comes any more, and nobody should sign to a still.

const LOOK_EVERY = 1_000; // milliseconds
const STILL_AFTER = 3;

interface Counted {
  getVideoPlaybackQuality?: () => { totalVideoFrames: number };
}

/** Says each time a picture begins to move, or has stood still for three seconds. */
export class PictureWatch {
  private timer: ReturnType<typeof setInterval> | undefined;
  private frames = -1;
  private unchanged = 0;
  moves = false;

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly told: (moves: boolean) => void,
  ) {}

  start(): void {
    this.timer ??= setInterval(() => this.look(), LOOK_EVERY);
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this.frames = -1;
    this.unchanged = 0;
    this.moves = false;
  }

  /** One look; the timer does it each second. */
  look(): void {
    const frames = (this.video as Counted).getVideoPlaybackQuality?.().totalVideoFrames ?? 0;
    if (frames !== this.frames) {
      this.unchanged = 0;
      const first = this.frames < 0;
      this.frames = frames;
      if (!first && !this.moves) this.say(true);
      return;
    }
    this.unchanged += 1;
    if (this.moves && this.unchanged >= STILL_AFTER) this.say(false);
  }

  private say(moves: boolean): void {
    this.moves = moves;
    this.told(moves);
  }
}
