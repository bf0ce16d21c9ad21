/** All scenarios, by topic. Each runs in every browser unless it or its topic says otherwise. */
import { inTurns, type Scenario, withoutDemo } from "../scenario.ts";
import { attacks } from "./attacks.ts";
import { candidates } from "./candidates.ts";
import { closing } from "./closing.ts";
import { collisions } from "./collisions.ts";
import { cookiePaths } from "./cookie-paths.ts";
import { dates } from "./dates.ts";
import { devices } from "./devices.ts";
import { django } from "./django.ts";
import { djangoInterrupted } from "./django-interrupted.ts";
import { djangoTraces } from "./django-traces.ts";
import { editing } from "./editing.ts";
import { expressSession } from "./express-session.ts";
import { firstLight } from "./first-light.ts";
import { hostile } from "./hostile.ts";
import { libraries } from "./libraries.ts";
import { namedPorts } from "./named-ports.ts";
import { notices } from "./notices.ts";
import { oddPages } from "./odd-pages.ts";
import { origins } from "./origins.ts";
import { accessibility, otherUsers } from "./others.ts";
import { privateWindows } from "./private-windows.ts";
import { robust } from "./robust.ts";
import { rows } from "./rows.ts";
import { secrets } from "./secrets.ts";
import { settings } from "./settings.ts";
import { skewedClocks } from "./skewed-clocks.ts";
import { snapshots } from "./snapshots.ts";
import { strangers } from "./strangers.ts";
import { twoLibraries } from "./two-libraries.ts";
import { untried } from "./untried.ts";
import { why } from "./why.ts";
import { withoutBridge } from "./without-bridge.ts";

export const scenarios: Record<string, readonly Scenario[]> = {
  "first light": firstLight,
  "other tabs, restarts and hurried navigation": robust,
  "changing the session": editing,
  "closing the browser": withoutDemo(closing),
  "a stock Django site": withoutDemo(django),
  "a Django site that reports its requests": withoutDemo(djangoTraces),
  "a Django site whose reports are interrupted": inTurns(withoutDemo(djangoInterrupted)),
  "an app on express-session": inTurns(withoutDemo(expressSession)),
  "apps on other libraries": withoutDemo(libraries),
  "a bridge with other settings than the app": inTurns(withoutDemo(settings)),
  "private windows": privateWindows,
  "what was not tried before": untried,
  "servers with a wrong clock": withoutDemo(skewedClocks),
  "two session libraries in one app": withoutDemo(twoLibraries),
  snapshots,
  "without a bridge": inTurns(withoutDemo(withoutBridge)),
  "what Why? says": withoutDemo(why),
  "dates of cookies": withoutDemo(dates),
  "cookies from before and from elsewhere": withoutDemo(cookiePaths),
  "the sessions of a user": withoutDemo(devices),
  "odd pages and servers": withoutDemo(oddPages),
  "rows that are hard to tell": withoutDemo(rows),
  notices: inTurns(withoutDemo(notices)),
  "what may be a session": withoutDemo(candidates),
  attacks: withoutDemo(attacks),
  "whom the panel speaks to": withoutDemo(origins),
  "the port that a response names": inTurns(withoutDemo(namedPorts)),
  "two apps on one host": withoutDemo(collisions),
  "strangers in the same browser": strangers,
  "hostile contents": inTurns(withoutDemo(hostile)),
  "secrets and strangers": secrets,
  "other users": inTurns(otherUsers),
  accessibility: inTurns(accessibility),
};
