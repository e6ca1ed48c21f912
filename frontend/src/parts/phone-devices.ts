// Microphones, loudspeakers and what the person chose among them. Kept in this browser: the next desk has other ones.

export interface Devices {
  microphone: string;
  speaker: string;
  ringer: string;
}

export type MicrophoneTrouble = "none" | "refused" | "busy" | "insecure";

export interface Found {
  microphones: MediaDeviceInfo[];
  speakers: MediaDeviceInfo[];
}

const KEPT = "civicline:telephone:devices";
const NOTHING: Devices = { microphone: "", speaker: "", ringer: "" };

export function keptDevices(): Devices {
  try {
    return { ...NOTHING, ...(JSON.parse(localStorage.getItem(KEPT) ?? "{}") as Partial<Devices>) };
  } catch {
    return { ...NOTHING };
  }
}

export function keepDevices(devices: Devices): void {
  try {
    localStorage.setItem(KEPT, JSON.stringify(devices));
  } catch {
    // without a store the choice holds for this page
  }
}

/** Whether this page can be a telephone at all. */
export function canTalk(): boolean {
  return typeof RTCPeerConnection === "function" && Boolean(navigator.mediaDevices?.getUserMedia);
}

export async function listDevices(): Promise<Found> {
  const all = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
  return {
    microphones: all.filter((one) => one.kind === "audioinput"),
    speakers: all.filter((one) => one.kind === "audiooutput"),
  };
}

/** What we ask of a microphone. A device that is not there any more gives way to any other. */
export function wanted(microphone: string): MediaStreamConstraints {
  return {
    audio: {
      echoCancellation: true,
      noiseSuppression: true,
      autoGainControl: true,
      ...(microphone ? { deviceId: { ideal: microphone } } : {}),
    },
    video: false,
  };
}

/** The chosen microphone, open. Throws what the browser throws; `troubleOf` says what it means. */
export function openMicrophone(microphone: string): Promise<MediaStream> {
  if (!canTalk()) return Promise.reject(new DOMException("insecure", "SecurityError"));
  return navigator.mediaDevices.getUserMedia(wanted(microphone));
}

export function troubleOf(error: unknown): MicrophoneTrouble {
  const name = error instanceof Error || error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError") return "refused";
  if (name === "SecurityError") return "insecure";
  if (name === "NotReadableError" || name === "AbortError") return "busy";
  return "none";
}

/** What stands in the way of the microphone, as far as can be known without opening it; "" for nothing. */
export async function lookForTrouble(): Promise<MicrophoneTrouble | ""> {
  if (!canTalk()) return "insecure";
  try {
    const state = await navigator.permissions.query({ name: "microphone" as PermissionName });
    if (state.state === "denied") return "refused";
  } catch {
    // not every browser answers this; the list of devices still does
  }
  const { microphones } = await listDevices();
  return microphones.length === 0 ? "none" : "";
}

export function closeStream(stream: MediaStream | null | undefined): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

type Sink = { setSinkId?: (id: string) => Promise<void> };

/** Sound out of this device, where the browser lets us choose; a device that is gone leaves the usual one. */
export async function playOn(element: HTMLMediaElement, device: string): Promise<void> {
  try {
    await (element as Sink).setSinkId?.(device);
  } catch {
    if (device) await (element as Sink).setSinkId?.("").catch(() => {});
  }
}

/** How loud a stream is, 0 to 1, asked as often as one likes. */
export class Level {
  private readonly context: AudioContext;
  private readonly analyser: AnalyserNode;
  private readonly heard: Float32Array<ArrayBuffer>;

  constructor(stream: MediaStream, make: () => AudioContext = () => new AudioContext()) {
    this.context = make();
    this.analyser = this.context.createAnalyser();
    this.analyser.fftSize = 1024;
    this.heard = new Float32Array(this.analyser.fftSize);
    this.context.createMediaStreamSource(stream).connect(this.analyser);
    void this.context.resume?.();
  }

  now(): number {
    this.analyser.getFloatTimeDomainData(this.heard);
    return loudness(this.heard);
  }

  close(): void {
    void this.context.close();
  }
}

const QUIET = -60; // dB of full scale: nothing that anybody would hear

/** 0 for silence, 1 for as loud as it gets; even steps for even steps of the ear. */
export function loudness(samples: ArrayLike<number>): number {
  let sum = 0;
  for (let at = 0; at < samples.length; at += 1) sum += (samples[at] ?? 0) ** 2;
  const root = Math.sqrt(sum / Math.max(1, samples.length));
  if (root === 0) return 0;
  return Math.min(1, Math.max(0, 1 - (20 * Math.log10(root)) / QUIET));
}
