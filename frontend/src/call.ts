// The page from which residents call. Without this script it names the other ways.
import { one } from "./parts/dom.ts";
import { startPage } from "./parts/page.ts";
import { CallPage } from "./surfaces/call-page.ts";
import { VideoPage } from "./surfaces/video-page.ts";

startPage();

const call = one<HTMLElement>("[data-call]");
if (call) new CallPage(call).start();
const video = one<HTMLElement>("[data-video-call]");
if (video) new VideoPage(video).start();
