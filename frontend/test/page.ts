// A page for a test: happy-dom's window stands in for the browser's.
import { Window } from "happy-dom";

const NAMES = [
  "document",
  "location",
  "localStorage",
  "navigator",
  "Element",
  "HTMLElement",
  "HTMLInputElement",
  "HTMLDetailsElement",
  "HTMLDialogElement",
  "CustomEvent",
  "Event",
  "KeyboardEvent",
  "CSS",
  "DOMParser",
  "Node",
] as const;

export function openPage(body: string, url = "https://saltmere.test/desk/"): Window {
  const window = new Window({ url });
  window.document.body.innerHTML = body;
  for (const name of NAMES) {
    Object.defineProperty(globalThis, name, {
      configurable: true,
      writable: true,
      value: Reflect.get(window, name),
    });
  }
  Object.defineProperty(globalThis, "window", { configurable: true, writable: true, value: window });
  Object.defineProperty(globalThis, "matchMedia", {
    configurable: true,
    writable: true,
    value: () => ({ matches: false, addEventListener: () => {} }),
  });
  return window;
}
