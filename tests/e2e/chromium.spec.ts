/** Every scenario in real Chromium. */
import { startChromium } from "./drivers/chromium.ts";
import { defineScenarios } from "./scenario.ts";
import { scenarios } from "./scenarios/index.ts";

defineScenarios("chromium", startChromium, scenarios);
