/** All scenarios, by what they are about. Each runs in every browser unless it says otherwise. */
import type { Scenario } from "../scenario.ts";
import { attacks } from "./attacks.ts";
import { closing } from "./closing.ts";
import { django } from "./django.ts";
import { editing } from "./editing.ts";
import { expressSession } from "./express-session.ts";
import { firstLight } from "./first-light.ts";
import { hostile } from "./hostile.ts";
import { libraries } from "./libraries.ts";
import { notices } from "./notices.ts";
import { origins } from "./origins.ts";
import { accessibility, otherUsers } from "./others.ts";
import { robust } from "./robust.ts";
import { secrets } from "./secrets.ts";
import { snapshots } from "./snapshots.ts";
import { strangers } from "./strangers.ts";
import { why } from "./why.ts";
import { withoutBridge } from "./without-bridge.ts";

export const scenarios: Record<string, readonly Scenario[]> = {
  "first light": firstLight,
  "beside the straight road": robust,
  "changing the session": editing,
  "the end of the browser": closing,
  "a stock Django site": django,
  "an app on express-session": expressSession,
  "apps on other libraries": libraries,
  snapshots,
  "without a bridge": withoutBridge,
  "what Why? says": why,
  notices,
  attacks,
  "whom the panel speaks to": origins,
  "strangers in the same browser": strangers,
  "hostile contents": hostile,
  "secrets and strangers": secrets,
  "other users": otherUsers,
  accessibility,
};
