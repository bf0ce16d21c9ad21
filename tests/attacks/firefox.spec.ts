/** Every attack that needs a browser, in real Firefox. */
import { startFirefox } from "../e2e/drivers/firefox.ts";
import { defineScenarios } from "../e2e/scenario.ts";
import { attacks } from "./scenarios.ts";

defineScenarios("firefox", (options) => startFirefox({ ...options, allowPrivateBrowsing: true }), attacks);
