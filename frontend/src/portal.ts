// Residents' pages. Everything here is a layer over pages that work without it.
import { startPage } from "./parts/page.ts";
import { startRenewal } from "./parts/renewal.ts";
import { startForm } from "./surfaces/portal-form.ts";

startPage();
startForm();
startRenewal();
