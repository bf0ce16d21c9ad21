/** Each rule of "Why?" speaks in its case, says something a person understands, and is silent otherwise. */
import { describe, expect, it } from "vitest";
import { explain, RULES } from "../../../../extension/logic/explain/explain.ts";
import { ALL_CASES } from "./cases/all-cases.ts";
import { cookie, facts } from "./material.ts";

describe("the rules", () => {
  it("are at least twenty, each with a case here", () => {
    expect(RULES.length).toBeGreaterThanOrEqual(20);
    expect(ALL_CASES.map(({ rule }) => rule).sort()).toEqual(RULES.map(({ name }) => name).sort());
  });

  it.each(ALL_CASES)("$rule speaks in its case", ({ rule, given, says }) => {
    const said = explain(given).find((each) => each.rule === rule);
    expect(said?.sentence).toContain(says);
  });

  it.each(ALL_CASES)("$rule says whole sentences", ({ rule, given }) => {
    const said = explain(given).find((each) => each.rule === rule);
    expect(said?.sentence).toMatch(/^\S.*[.]$/);
    if (said?.remedy !== undefined) expect(said.remedy).toMatch(/^[A-Z].*[.]$/);
  });

  it.each(ALL_CASES)("$rule shows what cannot be seen in a name", ({ rule, given }) => {
    const name = `${given.name}\u200b`;
    const said = explain({ ...given, name }).map(({ sentence }) => sentence);
    expect(said.join(), rule).not.toContain("\u200b");
  });

  it("are silent when nothing is known", () => {
    expect(explain(facts({ request: null }))).toEqual([]);
  });

  it("say nothing of a refusal when the cookie arrived", () => {
    const arrived = facts({ line: "sessionid=abc; SameSite=None", after: cookie({ value: "abc" }) });
    expect(explain(arrived).map(({ rule }) => rule)).toEqual(["new"]);
  });

  it("do not take this panel's own deletion for an eviction", () => {
    expect(explain(facts({ before: cookie(), panelDid: "deleted" })).map(({ rule }) => rule)).toEqual([
      "deleted-by-panel",
    ]);
  });
});
