// The server writes the theme on <html>; "as my computer" is decided here and followed while the page is open.

export type Theme = "light" | "dark" | "";

export function applyTheme(theme: Theme, root: HTMLElement = document.documentElement): void {
  if (theme === "") {
    root.dataset["themeAuto"] = "";
    follow(root);
    return;
  }
  delete root.dataset["themeAuto"];
  root.dataset["theme"] = theme;
}

function follow(root: HTMLElement): void {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  if (dark) root.dataset["theme"] = "dark";
  else delete root.dataset["theme"];
}

export function startTheme(root: HTMLElement = document.documentElement): void {
  if (root.dataset["themeAuto"] !== undefined) follow(root);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    if (root.dataset["themeAuto"] !== undefined) follow(root);
  });
}
