/** "Why?": asks every rule and gives the sentences that fit, the most telling first. */
import { COOKIE } from "./cookie.ts";
import type { Explanation, Facts, Rule } from "./facts.ts";
import { FINDINGS } from "./findings.ts";
import { REFUSED } from "./refused.ts";
import { SESSION } from "./session.ts";

/** All rules, in the order in which their sentences are shown. */
export const RULES: readonly Rule[] = [...REFUSED, ...FINDINGS, ...SESSION, ...COOKIE];

/** The sentences for these facts; empty when nothing needs explaining. */
export function explain(facts: Facts): Explanation[] {
  return RULES.flatMap((rule) => {
    const found = rule.explain(facts);
    return found ? [{ rule: rule.name, ...found }] : [];
  });
}
