// What is written stands beside the form as residents will see it, half a second after the last key.
const PAUSE_MS = 500;

async function renew(form: HTMLFormElement, place: HTMLElement): Promise<void> {
  const body = new FormData(form);
  body.set("preview", "1");
  const answer = await fetch(form.action || location.href, {
    method: "POST",
    body,
    headers: { "HX-Request": "true" },
    credentials: "same-origin",
  });
  if (!answer.ok) return;
  const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
  place.replaceChildren(...parsed.body.childNodes);
}

/** Keep the preview of each form that names one true while its words change. */
export function startPreviews(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-preview]")) {
    const place = document.getElementById(form.dataset["preview"] ?? "");
    if (!place) continue;
    let timer = 0;
    form.addEventListener("input", () => {
      window.clearTimeout(timer);
      // Without a connection the old preview stays; the button "Preview" still works.
      timer = window.setTimeout(() => void renew(form, place).catch(() => undefined), PAUSE_MS);
    });
  }
}
