// htmx, set up for our content security policy: no eval, no style of its own, the CSRF token on every change.
import htmx from "htmx.org";
import { csrfToken, onEachContent } from "./dom.ts";

export function startRequests(): void {
  htmx.config.allowEval = false;
  htmx.config.includeIndicatorStyles = false;
  htmx.config.selfRequestsOnly = true;
  htmx.config.historyCacheSize = 0;
  htmx.config.timeout = 20_000;
  // A refusal (409, 422, 429...) comes with words for people: show them where the answer would have stood.
  htmx.config.responseHandling = [
    { code: "204", swap: false },
    { code: "[23]..", swap: true },
    { code: "4(09|22|13|29)", swap: true, error: true },
    { code: "[45]..", swap: false, error: true },
  ];
  document.addEventListener("htmx:configRequest", (event) => {
    const { detail } = event as CustomEvent<{ headers: Record<string, string>; verb: string }>;
    const token = csrfToken();
    if (token && detail.verb !== "get") detail.headers["X-CSRFToken"] = token;
  });
}

/** Fetch a fragment into `target`, as htmx does for a link. */
export function refresh(
  url: string,
  target: string | Element,
  swap: "outerHTML" | "innerHTML" = "outerHTML",
): Promise<void> {
  return htmx.ajax("get", url, { target, swap });
}

export { htmx, onEachContent };
