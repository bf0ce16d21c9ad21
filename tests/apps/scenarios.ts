/** What the tab shows of an app of each library: the small scenarios in `npm test`, all in `npm run test:field`. */
import { type Scenario, withoutDemo } from "../e2e/scenario.ts";
import * as authJs from "./scenarios/auth-js.ts";
import * as betterAuth from "./scenarios/better-auth.ts";
import * as nextAuth from "./scenarios/next-auth.ts";
import * as nextIronSession from "./scenarios/next-iron-session.ts";
import * as sveltekit from "./scenarios/sveltekit.ts";

/** The scenarios of one library. */
interface Group {
  SMALL: readonly Scenario[];
  LARGE: readonly Scenario[];
}

const groups: Record<string, Group> = {
  "Auth.js on Express": authJs,
  "Auth.js on Next.js": nextAuth,
  "Better Auth": betterAuth,
  "iron-session on Next.js": nextIronSession,
  "SvelteKit with its own table": sveltekit,
};

const IS_WHOLE = process.env["SESSIONS_FIELD"] !== undefined;

/** What is played here. */
export const scenarios: Record<string, readonly Scenario[]> = Object.fromEntries(
  Object.entries(groups).map(([name, { SMALL, LARGE }]) => [
    name,
    withoutDemo(IS_WHOLE ? [...SMALL, ...LARGE] : SMALL),
  ]),
);
