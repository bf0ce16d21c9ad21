/** Every attack that needs a browser, in real Chromium. */
import { startChromium } from "../e2e/drivers/chromium.ts";
import { defineScenarios } from "../e2e/scenario.ts";
import { attacks } from "./scenarios.ts";

defineScenarios("chromium", startChromium, attacks);
