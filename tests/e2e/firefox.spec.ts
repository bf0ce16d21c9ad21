/** Every scenario in the real Toolbox of Firefox, including those for Firefox only. */
import { startFirefox } from "./drivers/firefox.ts";
import { firefoxScenarios } from "./firefox/index.ts";
import { defineScenarios } from "./scenario.ts";
import { scenarios } from "./scenarios/index.ts";

defineScenarios("firefox", (options) => startFirefox({ ...options, allowPrivateBrowsing: true }), {
  ...scenarios,
  ...firefoxScenarios,
});
