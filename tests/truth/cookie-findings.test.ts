/** Every finding on a session cookie has its pair. */
import { expect, it } from "vitest";
import { COOKIE_FINDINGS, cookieFindings } from "../../extension/logic/explain/cookie-findings.ts";
import { scenarios } from "../e2e/scenarios/index.ts";
import { COOKIE_FINDING_PAIRS } from "./findings/cookies.ts";

/** The scenario that reads what both browsers themselves report about SameSite and HttpOnly. */
const PLAYED = "a PHP session is recognised, and its missing attributes are listed";

it("there is a pair for each finding, and for no other", () => {
  expect(Object.keys(COOKIE_FINDING_PAIRS).sort()).toEqual(COOKIE_FINDINGS.map(({ name }) => name).sort());
});

it.each(COOKIE_FINDINGS)("$name is found only in its case", ({ name, tell }) => {
  const pair = COOKIE_FINDING_PAIRS[name];
  if (pair === undefined) throw new Error(`${name} has no pair`);
  const said = tell(pair.case);
  const all = ({ cookie, pageUrl, overwritten }: typeof pair.case) =>
    cookieFindings(cookie, pageUrl, overwritten);
  expect(all(pair.case)).toEqual([said]);
  expect(all(pair.counter)).not.toContain(said);
  expect(tell(pair.counter)).toBeNull();
  expect(pair.because.length).toBeGreaterThan(15);
});

it("is played in both browsers", () => {
  expect(Object.values(scenarios).flatMap((group) => group.map(({ name }) => name))).toContain(PLAYED);
});
