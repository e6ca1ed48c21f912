// What every page of ours starts.
import { startClocks } from "./clocks.ts";
import { startCountdowns } from "./countdown.ts";
import { onEachContent } from "./dom.ts";
import { Drafts, startDrafts } from "./drafts.ts";
import { startErrorSummary } from "./error-summary.ts";
import { startForms } from "./forms.ts";
import { startFragments } from "./fragments.ts";
import { startOverlays } from "./overlays.ts";
import { startRequests } from "./requests.ts";

export function startPage(): void {
  startRequests();
  startFragments();
  startOverlays();
  startClocks();
  new Drafts().sweep();
  onEachContent((root) => {
    startErrorSummary(root);
    startForms(root);
    startDrafts(root);
    startCountdowns(root);
  });
}
