/** Scenarios for Chromium only: its incognito windows. */
import type { Scenario } from "../scenario.ts";
import { incognito } from "./incognito.ts";

export const chromiumScenarios: Record<string, readonly Scenario[]> = {
  "Chromium: incognito": incognito,
};
