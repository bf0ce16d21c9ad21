/** Apps of other libraries, in real Firefox. */
import { startFirefox } from "../e2e/drivers/firefox.ts";
import { defineScenarios } from "../e2e/scenario.ts";
import { scenarios } from "./scenarios.ts";

defineScenarios("firefox", startFirefox, scenarios);
