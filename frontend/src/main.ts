// The pages' script: live fragments by htmx, and what HTML alone cannot do at a
// till: digits that go to the amount, shortcuts, clocks that count on, printing.
import htmx from "htmx.org"; // first: the extension expects window.htmx
import "htmx.org/dist/ext/hx-sse.js";

import { startClocks } from "./clocks";
import { startCountdown } from "./countdown";
import { startCustomer } from "./customer";
import { startFocus } from "./focus";
import { startKeys } from "./keys";
import { startLines } from "./lines";
import { startLink } from "./link";
import { startPrinting } from "./printing";
import { startSale } from "./sale";
import { startScan } from "./scan";
import { startSettings } from "./settings";

void htmx;
startScan(); // before all that acts on keys
startSale();
startSettings();
startLines();
startKeys();
startClocks();
startCountdown();
startCustomer();
startFocus();
startLink();
startPrinting();
