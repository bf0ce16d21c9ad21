/** The set-ups in which people develop, in real Firefox. */
import { startFirefox } from "../e2e/drivers/firefox.ts";
import { defineScenarios } from "../e2e/scenario.ts";
import { setups } from "./scenarios.ts";

defineScenarios("firefox", startFirefox, setups);
