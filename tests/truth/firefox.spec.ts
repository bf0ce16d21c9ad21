/** What the tab says, in real Firefox: each claim in its case, and in the nearest situation in which it would be false. */
import { startFirefox } from "../e2e/drivers/firefox.ts";
import { defineScenarios } from "../e2e/scenario.ts";
import { truth } from "./scenarios.ts";

defineScenarios("firefox", startFirefox, truth);
