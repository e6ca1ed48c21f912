// Residents' pages. Everything here is a layer over pages that work without it.
import { startPage } from "./parts/page.ts";

startPage();
