// Dialogs opened by data-opens, menus closed by Escape and (but for data-stays) by a press elsewhere. Native elements do the rest.
import { all, one } from "./dom.ts";

export function openDialog(id: string): void {
  const dialog = one<HTMLDialogElement>(`dialog#${CSS.escape(id)}`);
  if (dialog && !dialog.open) dialog.showModal();
}

export function startOverlays(): void {
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    const opener = target.closest<HTMLElement>("[data-opens]");
    if (opener) {
      event.preventDefault();
      openDialog(opener.dataset["opens"] ?? "");
    }
    // A press on the backdrop is a press on the dialog itself.
    if (target instanceof HTMLDialogElement && target.matches(".palette, .dialog")) target.close();
    for (const menu of all<HTMLDetailsElement>("details.menu[open]:not([data-stays])")) {
      if (!menu.contains(target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = all<HTMLDetailsElement>("details.menu[open]").pop();
    if (!menu) return;
    event.preventDefault();
    menu.open = false;
    one<HTMLElement>("summary", menu)?.focus();
  });
}
