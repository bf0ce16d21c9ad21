/** What the tab says, in real Chromium: each claim in its case, and in the nearest situation in which it would be false. */
import { startChromium } from "../e2e/drivers/chromium.ts";
import { defineScenarios } from "../e2e/scenario.ts";
import { truth } from "./scenarios.ts";

defineScenarios("chromium", startChromium, truth);
