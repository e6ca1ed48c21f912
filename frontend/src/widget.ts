// The chat on another site, by one line:
//   <script src="https://contact.example.org/widget.js" data-service="council-tax" async></script>
// A button and, once pressed, a frame of our own origin. Everything of ours stands in a shadow root: no style leaks in or out,
// nothing is put on `window`. docs/integrate/chat-widget.md
import { Widget } from "./surfaces/widget.ts";

const script = document.currentScript;
if (script instanceof HTMLScriptElement && !document.querySelector("[data-civicline-widget]")) {
  const start = () => new Widget(script).start();
  if (document.body) start();
  else document.addEventListener("DOMContentLoaded", start, { once: true });
}
