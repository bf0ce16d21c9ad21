/** All scenarios, by what they are about. Each runs in every browser unless it says otherwise. */
import type { Scenario } from "../scenario.ts";
import { attacks } from "./attacks.ts";
import { closing } from "./closing.ts";
import { firstLight } from "./first-light.ts";
import { notices } from "./notices.ts";
import { accessibility, otherUsers } from "./others.ts";
import { robust } from "./robust.ts";

export const scenarios: Record<string, readonly Scenario[]> = {
  "first light": firstLight,
  "beside the straight road": robust,
  "the end of the browser": closing,
  notices,
  attacks,
  "other users": otherUsers,
  accessibility,
};
