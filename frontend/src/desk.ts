// The desk and the live board of supervisors: what every staff page starts, and the desk's own where it is shown.
import { say } from "./parts/announcer.ts";
import { all, csrfToken, onEachContent, one } from "./parts/dom.ts";
import { startPage } from "./parts/page.ts";
import { startStaff } from "./parts/staff.ts";
import { startDesk } from "./surfaces/desk.ts";
import { startCallPanel } from "./surfaces/desk-call.ts";
import { DeskPicture, startVideoChoice } from "./surfaces/desk-picture.ts";
import { startNoteBoxes } from "./surfaces/desk-suggest.ts";
import { startTelephone } from "./surfaces/desk-telephone.ts";
import { startTelephoneSetup } from "./surfaces/desk-telephone-setup.ts";
import { startSupervisor } from "./surfaces/supervisor.ts";

startPage();
const staff = startStaff();
if (one("#hand")) startDesk(staff);
const telephone = startTelephone(staff);
startCallPanel(telephone);
const picture = one<HTMLElement>("#picture");
if (picture) new DeskPicture(picture).start();
startTelephoneSetup(staff.speaker, telephone);
startNoteBoxes({ csrf: csrfToken, unknown: "", say });
startSupervisor();
let payments = false;
// Players are few: their script comes with the first one that is shown.
onEachContent((root) => {
  if (one("[data-payment]", root) && !payments) {
    payments = true; // kept here: a mark on the page itself would make every field in it one for payments
    void import("./surfaces/desk-payment.ts").then(({ PaymentFields }) => new PaymentFields().start());
  }
  if (one("[data-player]", root))
    void import("./surfaces/player.ts").then(({ startPlayers }) => startPlayers(root));
  for (const form of all<HTMLFormElement>("[data-telephone-video]", root)) startVideoChoice(form);
});
