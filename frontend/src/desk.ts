// The desk and the live board of supervisors: what every staff page starts, and the desk's own where it is shown.
import { say } from "./parts/announcer.ts";
import { csrfToken, one } from "./parts/dom.ts";
import { startPage } from "./parts/page.ts";
import { startStaff } from "./parts/staff.ts";
import { startDesk } from "./surfaces/desk.ts";
import { startNoteBoxes } from "./surfaces/desk-suggest.ts";
import { startSupervisor } from "./surfaces/supervisor.ts";

startPage();
const staff = startStaff();
if (one("#hand")) startDesk(staff);
startNoteBoxes({ csrf: csrfToken, unknown: "", say });
startSupervisor();
