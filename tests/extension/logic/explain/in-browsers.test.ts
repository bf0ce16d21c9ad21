/** Every rule of "Why?" is triggered in real browsers by a scenario, or says why it cannot be. */
import { describe, expect, it } from "vitest";
import { RULES } from "../../../../extension/logic/explain/explain.ts";
import { scenarios } from "../../../e2e/scenarios/index.ts";
import {
  ELSEWHERE,
  NAMED_CASES,
  PAGE_CASES,
  SERVER_CASES,
  SIGNED_CASES,
} from "../../../e2e/scenarios/why-cases.ts";

const played = [...PAGE_CASES, ...NAMED_CASES, ...SERVER_CASES, ...SIGNED_CASES].map(({ rule }) => rule);

describe("the rules in real browsers", () => {
  it("are each played once, or named with the reason why not", () => {
    expect([...played, ...Object.keys(ELSEWHERE)].sort()).toEqual(RULES.map(({ name }) => name).sort());
  });

  it("are played elsewhere by scenarios that exist", () => {
    const names = Object.values(scenarios).flatMap((group) => group.map(({ name }) => name));
    for (const where of Object.values(ELSEWHERE)) {
      if ("scenario" in where) expect(names).toContain(where.scenario);
    }
  });
});
