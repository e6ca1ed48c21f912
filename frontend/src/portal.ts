// Residents' pages. Everything here is a layer over pages that work without it.
import { startPage } from "./parts/page.ts";
import { startForm } from "./surfaces/portal-form.ts";
import { startWaits } from "./surfaces/portal-waits.ts";

startPage();
startForm();
startWaits();
