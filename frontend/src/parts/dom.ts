// Small, typed access to the page that every part uses.

export function all<T extends Element>(selector: string, root: ParentNode = document): T[] {
  return [...root.querySelectorAll<T>(selector)];
}

export function one<T extends Element>(selector: string, root: ParentNode = document): T | null {
  return root.querySelector<T>(selector);
}

/** Words with {name} places filled. */
export function fill(pattern: string, values: Record<string, string | number>): string {
  return pattern.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** Run `start` on what is in the page now and on every fragment that htmx brings later. */
export function onEachContent(start: (root: ParentNode) => void): void {
  const ready = () => start(document);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", ready, { once: true });
  else ready();
  document.addEventListener("htmx:load", (event) => {
    const fresh = (event as CustomEvent<{ elt?: Element }>).detail?.elt;
    if (fresh && fresh !== document.body) start(fresh);
  });
}

/** An icon of the sprite, for what scripts draw; templates draw theirs inline. */
export function icon(name: string): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "i");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${document.documentElement.dataset["sprite"] ?? ""}#i-${name}`);
  svg.append(use);
  return svg;
}

/** Whether a person is writing here, so that single keys belong to the text. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false;
  const field = target.closest<HTMLElement>("input, textarea, select, [contenteditable]");
  if (!field) return false;
  if (field instanceof HTMLInputElement) {
    return !["checkbox", "radio", "button", "submit", "reset", "file", "range", "color"].includes(field.type);
  }
  return field.getAttribute("contenteditable") !== "false";
}

/** The token that Django wants with every change. */
export function csrfToken(): string {
  return one<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
}

export const lessMotion = (): boolean =>
  typeof matchMedia === "function" && matchMedia("(prefers-reduced-motion: reduce)").matches;
