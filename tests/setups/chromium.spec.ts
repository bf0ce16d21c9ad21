/** The set-ups in which people develop, in real Chromium. */
import { startChromium } from "../e2e/drivers/chromium.ts";
import { defineScenarios } from "../e2e/scenario.ts";
import { setups } from "./scenarios.ts";

defineScenarios("chromium", startChromium, setups);
