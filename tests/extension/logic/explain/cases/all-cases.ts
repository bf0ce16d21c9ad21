/** Every case of every rule. In a browser, the cases of one site are played in this order in one tab. */
import { COLLISIONS_CASES } from "./collisions.ts";
import { COOKIE_CASES } from "./cookie.ts";
import { COOKIE_ENDS_CASES } from "./cookie-ends.ts";
import { CROSSED_CASES } from "./crossed.ts";
import { ENDED_CASES } from "./ended.ts";
import { FINDINGS_CASES } from "./findings.ts";
import { KEPT_OUT_CASES } from "./kept-out.ts";
import { REFUSED_CASES } from "./refused.ts";
import type { RuleCase } from "./rule-case.ts";
import { SESSION_CASES } from "./session.ts";
import { UNHELD_CASES } from "./unheld-cookies.ts";

export const ALL_CASES: readonly RuleCase[] = [
  ...COOKIE_CASES,
  ...COOKIE_ENDS_CASES,
  ...REFUSED_CASES,
  ...COLLISIONS_CASES,
  ...CROSSED_CASES,
  ...FINDINGS_CASES,
  ...SESSION_CASES,
  ...ENDED_CASES,
  ...UNHELD_CASES,
  ...KEPT_OUT_CASES,
];
