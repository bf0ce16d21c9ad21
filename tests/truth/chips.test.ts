/** Every chip has its pair: it is shown in its case, and not in the nearest situation in which it would be false. */
import { describe, expect, it } from "vitest";
import type { Chip, ChipRule } from "../../extension/logic/timeline/chip.ts";
import { chipsOf, OTHER_SERVER } from "../../extension/logic/timeline/chips.ts";
import { COOKIE_CHIPS, LATE, OVERWROTE } from "../../extension/logic/timeline/cookie-chips.ts";
import { READING_CHIPS, readingChips } from "../../extension/logic/timeline/reading-chips.ts";
import { REQUEST_CHIPS } from "../../extension/logic/timeline/request-chips.ts";
import { TRACE_CHIPS, traceChips } from "../../extension/logic/timeline/trace-chips.ts";
import { scenarios } from "../e2e/scenarios/index.ts";
import {
  COOKIE_CHIP_PAIRS,
  LATE_CHIP_PAIRS,
  OVERWROTE_CHIP_PAIRS,
  SERVER_CHIP_PAIRS,
} from "./chips/others.ts";
import { CHIP_PLAYS, CHIPS_ELSEWHERE } from "./chips/plays.ts";
import { READING_CHIP_PAIRS, REQUEST_CHIP_PAIRS } from "./chips/readings.ts";
import { TRACE_CHIP_PAIRS } from "./chips/trace.ts";
import { crossed } from "./crossed-responses.ts";
import { row } from "./facts.ts";
import type { FactPairs } from "./pair.ts";

/** @param show the chips as a row has them */
function describePairs<Facts>(
  place: string,
  rules: readonly ChipRule<Facts>[],
  pairs: FactPairs<Facts>,
  show: (facts: Facts) => readonly Chip[],
): void {
  describe(place, () => {
    it("has a pair for each chip, and for no other", () => {
      expect(Object.keys(pairs).sort()).toEqual(rules.map(({ name }) => name).sort());
    });

    it.each(rules)("$name is shown in its case and not in the counter-case", (rule) => {
      const pair = pairs[rule.name];
      if (pair === undefined) throw new Error(`${rule.name} has no pair`);
      const own = rule.tell(pair.case);
      expect(own).not.toEqual([]);
      expect(show(pair.case)).toEqual(expect.arrayContaining([...own]));
      const shown = show(pair.counter);
      // Not by its title: the same claim about another key would be equally false.
      for (const its of rule.tell(pair.counter)) expect(shown).not.toContainEqual(its);
      expect(pair.because.length).toBeGreaterThan(15);
    });
  });
}

const all =
  <Facts>(rules: readonly ChipRule<Facts>[]) =>
  (facts: Facts): Chip[] =>
    rules.flatMap((rule) => rule.tell(facts));

describePairs("the chips of a trace", TRACE_CHIPS, TRACE_CHIP_PAIRS, traceChips);
describePairs("the chips of a response's cookies", COOKIE_CHIPS, COOKIE_CHIP_PAIRS, all(COOKIE_CHIPS));
describePairs("the chips of two readings", READING_CHIPS, READING_CHIP_PAIRS, readingChips);
describePairs("the chips of a request", REQUEST_CHIPS, REQUEST_CHIP_PAIRS, all(REQUEST_CHIPS));
describePairs("the chip of another server", [OTHER_SERVER], SERVER_CHIP_PAIRS, all([OTHER_SERVER]));
describePairs("the chip of an overwritten cookie", [OVERWROTE], OVERWROTE_CHIP_PAIRS, (overwrote) =>
  chipsOf(row(), null, { overwrote }),
);

describePairs("the chip of an older cookie", [LATE], LATE_CHIP_PAIRS, (late) =>
  chipsOf(row(), null, { late }),
);

it("each is played in a browser, or has a reason why not", () => {
  const rules = [TRACE_CHIPS, COOKIE_CHIPS, READING_CHIPS, REQUEST_CHIPS, [OTHER_SERVER, OVERWROTE, LATE]];
  const names = rules.flatMap((each) => each.map(({ name }) => name));
  expect([...Object.keys(CHIP_PLAYS), ...Object.keys(CHIPS_ELSEWHERE)].sort()).toEqual(names.sort());
  const known = [...Object.values(scenarios).flat(), ...crossed].map(({ name }) => name);
  for (const where of Object.values(CHIPS_ELSEWHERE)) {
    if ("scenario" in where) expect(known).toContain(where.scenario);
    else expect(where.not.length).toBeGreaterThan(20);
  }
});
