// Pages for the people who set Civicline up: the parts of every page, keys and palette.
import { startPage } from "./parts/page.ts";
import { startRenewal } from "./parts/renewal.ts";
import { startStaff } from "./parts/staff.ts";
import { startTickAll } from "./parts/tick-all.ts";
import { startPictures } from "./surfaces/admin-picture.ts";
import { startPreviews } from "./surfaces/admin-preview.ts";
import { startToday } from "./surfaces/plan-today.ts";

startPage();
startStaff();
startPreviews();
startPictures();
startRenewal();
startToday();
startTickAll();

// A form with changes says so before the page is left.
let changed = false;
document.addEventListener("input", (event) => {
  if ((event.target as Element).closest("form[data-warn]")) changed = true;
});
document.addEventListener("submit", () => {
  changed = false;
});
window.addEventListener("beforeunload", (event) => {
  if (changed) event.preventDefault();
});
