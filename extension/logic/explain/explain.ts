/** "Why?": runs every rule and returns the sentences that apply, the most telling first. */
import { COLLISIONS } from "./collisions.ts";
import { COOKIE } from "./cookie.ts";
import { COOKIE_ENDS } from "./cookie-ends.ts";
import { CROSSED } from "./crossed.ts";
import { ENDED } from "./ended-sessions.ts";
import type { Explanation, Facts, Rule } from "./facts.ts";
import { FINDINGS } from "./findings.ts";
import { REFUSED } from "./refused.ts";
import { SESSION } from "./session.ts";
import { UNHELD } from "./unheld-cookies.ts";

/** All rules, in display order. */
export const RULES: readonly Rule[] = [
  ...REFUSED,
  ...COLLISIONS,
  ...CROSSED,
  ...FINDINGS,
  ...ENDED,
  ...SESSION,
  ...UNHELD,
  ...COOKIE,
  ...COOKIE_ENDS,
];

/**
 * The sentences for these facts; empty if nothing needs explaining. A rule is silent if an earlier one has made one of
 * its claims.
 *
 * @param made claims already made about a row, by cookie; new claims are added to it
 */
export function explain(facts: Facts, made: Set<string> = new Set()): Explanation[] {
  return RULES.flatMap((rule) => {
    // A row has one session, whichever of its cookies the rules run on.
    const subject = rule.about === "session" ? "the session" : `cookie ${facts.name}`;
    const claims = rule.claims.map((claim) => `${subject}: ${claim}`);
    if (claims.some((claim) => made.has(claim))) return [];
    const found = rule.explain(facts);
    if (found === null) return [];
    for (const claim of claims) made.add(claim);
    return [{ rule: rule.name, ...found }];
  });
}
