/**
 * Cases of the rules in `extension/logic/explain/collisions.ts`: two servers on one host overwrite each other's cookie.
 *
 * `given`: made facts. `says`: words of the sentence. `browser`: the scenario that plays it with two real servers.
 * `counter`: the nearest situation in which the sentence would be false.
 */
import type { Overwriting } from "../../../../../extension/logic/explain/facts.ts";
import { facts, request } from "../material.ts";
import type { RuleCase } from "./rule-case.ts";

const BOTH =
  "two apps with one cookie name: Why? says which one overwrote whose session, and at which request";
const ONE_APP = "one app at two addresses is not accused of overwriting its own cookie";
const overwriting: Overwriting = {
  by: { row: "12 · POST /login", origin: "http://localhost:4000" },
  was: { row: "7 · POST /login", origin: "http://localhost:3000" },
  isDeletion: false,
  areTwoApps: true,
};
const back = request({ method: "GET", url: "http://localhost:3000/", sentCookies: ["sessionid"] });
const login = request({ url: "http://localhost:4000/login", sentCookies: ["sessionid"] });
const line = "sessionid=abc; Path=/";

export const COLLISIONS_CASES: readonly RuleCase[] = [
  {
    rule: "session-overwritten",
    given: facts({ request: back, lostTo: overwriting }),
    says: "GET / was then sent with another sessionid, for which http://localhost:3000 has no session",
    browser: { scenario: BOTH },
    counter: {
      because: "The server knows the session, so the cookie that came is one that it accepts.",
      given: facts({ request: back, lostTo: null }),
      browser: { scenario: ONE_APP },
    },
  },
  {
    rule: "overwrote-cookie",
    given: facts({ request: login, line, overwrote: overwriting }),
    says: "The response to 12 · POST /login of http://localhost:4000 replaced sessionid, which http://localhost:3000 had set at 7 · POST /login.",
    browser: { scenario: BOTH },
    counter: {
      because: "The two addresses are one app, which renews its own cookie.",
      given: facts({ request: login, line, overwrote: null }),
      browser: { scenario: ONE_APP },
    },
  },
];
