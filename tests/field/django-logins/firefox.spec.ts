/** Two hundred logins in a real Django, in real Firefox. */
import { startFirefox } from "../../e2e/drivers/firefox.ts";
import { defineScenarios } from "../../e2e/scenario.ts";
import { manyLogins } from "../../e2e/scenarios/django-logins.ts";

defineScenarios("firefox", startFirefox, { "logins in Django": manyLogins });
