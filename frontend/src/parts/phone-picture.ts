// The picture of a call: the camera, what is sent of it, and which of several is used. Sign language needs movement more than
// sharpness: 25 pictures a second and more, at a size in which hands and face are clear (ITU-T H series, supplement 1).
import { canTalk } from "./phone-devices.ts";

export type CameraTrouble = "none" | "refused" | "busy" | "insecure";

const KEPT = "civicline:telephone:camera";
const WIDTH = 640;
const HEIGHT = 480;
const FRAMES = 30;
const MOST = 800_000; // bits a second: plenty for this size, and known to whoever pays for the line

/** The camera that was chosen here last; "" for whichever the browser takes. */
export function keptCamera(): string {
  try {
    return localStorage.getItem(KEPT) ?? "";
  } catch {
    return "";
  }
}

export function keepCamera(device: string): void {
  try {
    localStorage.setItem(KEPT, device);
  } catch {
    // without a store the choice holds for this page
  }
}

/** The chosen camera, open, without sound. Throws what the browser throws; `troubleOf` says what it means. */
export async function openCamera(device: string): Promise<MediaStream> {
  if (!canTalk()) throw new DOMException("insecure", "SecurityError");
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: false,
    video: {
      width: { ideal: WIDTH },
      height: { ideal: HEIGHT },
      frameRate: { ideal: FRAMES },
      ...(device ? { deviceId: { ideal: device } } : { facingMode: "user" }),
    },
  });
  for (const track of stream.getVideoTracks()) track.contentHint = "motion";
  return stream;
}

/** The camera for a call at the desk; null for somebody who takes no video calls, or where it does not open: then the
 *  caller is seen and sees nobody, and both are told so. */
export async function deskCamera(): Promise<MediaStream | null> {
  if (document.getElementById("picture")?.dataset["takes"] !== "yes") return null;
  return openCamera(keptCamera()).catch(() => null);
}

export async function listCameras(): Promise<MediaDeviceInfo[]> {
  const all = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
  return all.filter((one) => one.kind === "videoinput");
}

/** Silence that is sent all the time: whoever has no microphone stays on the line like everybody else. */
export function silence(make: () => AudioContext = () => new AudioContext()): MediaStream {
  const context = make();
  const out = context.createMediaStreamDestination();
  // A source that says nothing, aloud: without any, browsers send nothing at all.
  const source = context.createOscillator();
  const quiet = context.createGain();
  quiet.gain.value = 0;
  source.connect(quiet).connect(out);
  source.start();
  void context.resume?.();
  return out.stream;
}

/** Whether an invitation brings a picture along (RFC 8866: a port of 0 refuses one). */
export function bringsPicture(body: string): boolean {
  return /^m=video [1-9]/m.test(body);
}

/** What of a connection carries the picture, both ways. */
export function pictureOf(pc: RTCPeerConnection | null): RTCRtpTransceiver | null {
  return pc?.getTransceivers().find((one) => one.receiver.track.kind === "video") ?? null;
}

/** When the line is narrow the picture gets smaller, and never slower: a hand that jumps cannot be read. */
export async function limit(pc: RTCPeerConnection | null): Promise<void> {
  const sender = pictureOf(pc)?.sender;
  const wanted = sender?.getParameters();
  if (!sender || !wanted?.encodings?.length) return;
  for (const encoding of wanted.encodings) encoding.maxBitrate = MOST;
  wanted.degradationPreference = "maintain-framerate";
  await sender.setParameters(wanted).catch(() => {}); // a browser that does not know this sends as it thinks best
}

/** Send this camera from now on, or nothing (null). Returns whether the other side has to be told of a new direction. */
export async function send(pc: RTCPeerConnection | null, track: MediaStreamTrack | null): Promise<boolean> {
  const way = pictureOf(pc);
  if (!way) return false;
  await way.sender.replaceTrack(track);
  if (!track || way.direction === "sendrecv" || way.direction === "sendonly") return false;
  way.direction = "sendrecv";
  return true;
}
