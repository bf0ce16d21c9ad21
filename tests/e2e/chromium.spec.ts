/** Every scenario in real Chromium, including those for Chromium only. */
import { chromiumScenarios } from "./chromium/index.ts";
import { startChromium } from "./drivers/chromium.ts";
import { defineScenarios } from "./scenario.ts";
import { scenarios } from "./scenarios/index.ts";

defineScenarios("chromium", startChromium, { ...scenarios, ...chromiumScenarios });
