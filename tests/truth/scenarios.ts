/** All pairs that a browser plays. */
import { siteScenarios } from "../e2e/play-rules.ts";
import type { Scenario } from "../e2e/scenario.ts";
import { truthOfChips } from "./browser-chips.ts";
import { NOTICE_PLAYS } from "./browser-notices.ts";
import { crossed } from "./crossed-responses.ts";
import { reports } from "./reports.ts";

export const truth: Record<string, readonly Scenario[]> = {
  chips: truthOfChips,
  rules: [...siteScenarios("cases"), ...siteScenarios("counter-cases")],
  notices: NOTICE_PLAYS,
  reports,
  crossed,
};
