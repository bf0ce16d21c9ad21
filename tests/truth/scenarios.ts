/** All pairs that a browser plays. */
import type { Scenario } from "../e2e/scenario.ts";
import { truthOfChips } from "./browser-chips.ts";

export const truth: Record<string, readonly Scenario[]> = { chips: truthOfChips };
