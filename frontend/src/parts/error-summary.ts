// The error summary takes the focus when a page opens with one, and its links put the focus into the field.
import { all } from "./dom.ts";

export function startErrorSummary(root: ParentNode): void {
  for (const summary of all<HTMLElement>("[data-error-summary]", root)) {
    summary.focus();
    summary.addEventListener("click", (event) => {
      const link = (event.target as Element).closest<HTMLAnchorElement>("a[href^='#']");
      if (link && focusField(link.hash.slice(1))) event.preventDefault();
    });
  }
}

/** Bring the label or legend of a field into view, then focus the field: a reader sees the question first. */
export function focusField(id: string): boolean {
  const field = document.getElementById(decodeURIComponent(id));
  if (!field) return false;
  const legend = field.closest("fieldset")?.querySelector("legend");
  const label = document.querySelector(`label[for="${CSS.escape(field.id)}"]`);
  (legend ?? label ?? field).scrollIntoView?.({ block: "start" });
  field.focus({ preventScroll: true });
  return true;
}
