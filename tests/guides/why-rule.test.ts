/** "A rule of Why?", as docs/develop.md describes it: what it may read, its place in the list, and its case. */
import { expect, it } from "vitest";
import type { Facts, Rule } from "../../extension/logic/explain/facts.ts";
import { SESSION } from "../../extension/logic/explain/session.ts";
import type { RuleCase } from "../extension/logic/explain/cases/rule-case.ts";
import { SESSION_CASES } from "../extension/logic/explain/cases/session.ts";
import { facts, trace } from "../extension/logic/explain/material.ts";

const SLOW_MS = 1000;

/** The rule that a newcomer adds to the list. */
const slowStore: Rule = {
  name: "slow-store",
  about: "session",
  claims: ["the store was slow"],
  explain({ trace: told }: Facts) {
    const slow = told?.operations.find(({ durationMs }) => durationMs >= SLOW_MS);
    if (!slow) return null;
    return {
      sentence: `The store took ${Math.round(slow.durationMs)} ms for the session's ${slow.name}.`,
      remedy: "Look at the store's own log, and at what else it does at that time.",
    };
  },
};

/** The case that goes with it. */
const slowStoreCase: RuleCase = {
  rule: "slow-store",
  given: facts({ trace: trace({ operations: [{ name: "save", durationMs: 1500 }] }) }),
  says: "took 1500 ms for the session's save",
  browser: { not: "no store can be told to be slow from a page" },
  counter: {
    because: "The store was as fast as always.",
    given: facts({ trace: trace({ operations: [{ name: "save", durationMs: 999 }] }) }),
    browser: { not: "no store can be told how quick to be from a page" },
  },
};

it("speaks in its case", () => {
  const { given, rule, says } = slowStoreCase;
  const found = [...SESSION, slowStore].find(({ name }) => name === rule)?.explain(given);
  expect(found?.sentence).toContain(says);
});

it("is silent in its counter-case", () => {
  expect(slowStore.explain(slowStoreCase.counter.given)).toBeNull();
});

it("is silent in the cases of its neighbours", () => {
  for (const { given } of SESSION_CASES) expect(slowStore.explain(given)).toBeNull();
});
