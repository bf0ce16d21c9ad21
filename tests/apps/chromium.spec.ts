/** Apps of other libraries, in real Chromium. */
import { startChromium } from "../e2e/drivers/chromium.ts";
import { defineScenarios } from "../e2e/scenario.ts";
import { scenarios } from "./scenarios.ts";

defineScenarios("chromium", startChromium, scenarios);
