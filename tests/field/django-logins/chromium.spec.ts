/** Two hundred logins in a real Django, in real Chromium. */
import { startChromium } from "../../e2e/drivers/chromium.ts";
import { defineScenarios } from "../../e2e/scenario.ts";
import { manyLogins } from "../../e2e/scenarios/django-logins.ts";

defineScenarios("chromium", startChromium, { "logins in Django": manyLogins });
