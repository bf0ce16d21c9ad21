/** The status line counts what was reported, and does not treat silence as "none". */
import { expect, it } from "vitest";
import { statusFacts } from "../../../extension/logic/status-facts.ts";

const NONE = { kind: 0, filter: 0, both: 0 };

const facts = (
  changed: number,
  isTold: boolean,
  counts = { total: 3, shown: 3, hidden: NONE },
  filter = { text: "cart", changesOnly: false },
) =>
  statusFacts({
    filter,
    counts: { ...counts, changed },
    cookies: 1,
    dropped: 0,
    bridge: null,
    isTold,
    aheadMs: 0,
  });

it("says how many requests changed the session if the server reports that", () => {
  expect(facts(0, true)).toEqual(["3 requests", "0 changed the session", "1 cookie"]);
});

it("does not count changes if no one reports them, except those reported before", () => {
  expect(facts(0, false)).toEqual(["3 requests", "1 cookie"]);
  expect(facts(2, false)).toContain("2 changed the session");
});

it.each([
  [{ kind: 205, filter: 0, both: 0 }, "205 hidden by kind"],
  [{ kind: 0, filter: 4, both: 0 }, "4 hidden by the filter"],
  [{ kind: 0, filter: 1, both: 2 }, "3 hidden by the filter"],
  [{ kind: 205, filter: 1, both: 1 }, "205 hidden by kind, 2 by the filter"],
])("says how many requests are hidden, and by what: %j", (hidden, fact) => {
  const shown = 214 - hidden.kind - hidden.filter - hidden.both;
  expect(facts(0, true, { total: 214, shown, hidden }).slice(0, 2)).toEqual([
    `${shown} of 214 requests`,
    fact,
  ]);
});

it.each([
  ["cart", false, "by the filter"],
  ["", true, "by “Changes only”"],
  [" ", true, "by “Changes only”"],
  ["cart", true, "by the filter and “Changes only”"],
])(
  "blames the filter's words and “Changes only” only if they are in use: %j, %j",
  (text, changesOnly, by) => {
    const told = (hidden: typeof NONE) =>
      facts(0, true, { total: 9, shown: 1, hidden }, { text, changesOnly })[1];
    expect(told({ kind: 0, filter: 4, both: 0 })).toBe(`4 hidden ${by}`);
    expect(told({ kind: 5, filter: 4, both: 0 })).toBe(`5 hidden by kind, 4 ${by}`);
  },
);
