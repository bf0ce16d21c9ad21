/** The status line counts what was told, and does not take silence for "none". */
import { expect, it } from "vitest";
import { statusFacts } from "../../../extension/logic/status-facts.ts";

const facts = (changed: number, isTold: boolean) =>
  statusFacts({
    counts: { total: 3, shown: 3, changed },
    cookies: 1,
    dropped: 0,
    bridge: null,
    isTold,
    aheadMs: 0,
  });

it("says how many requests changed the session where the server tells of them", () => {
  expect(facts(0, true)).toEqual(["3 requests", "0 changed the session", "1 cookie"]);
});

it("says nothing of them where nobody tells, and counts those that were told before", () => {
  expect(facts(0, false)).toEqual(["3 requests", "1 cookie"]);
  expect(facts(2, false)).toContain("2 changed the session");
});
