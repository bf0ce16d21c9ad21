/** All scenarios, by what they are about. Each runs in every browser unless it says otherwise. */
import type { Scenario } from "../scenario.ts";
import { firstLight } from "./first-light.ts";

export const scenarios: Record<string, readonly Scenario[]> = {
  "first light": firstLight,
};
