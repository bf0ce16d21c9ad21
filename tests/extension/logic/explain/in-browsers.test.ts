/** What the cases of "Why?" say about real browsers is true: the scenarios that they name exist. */
import { expect, it } from "vitest";
import { silentWords } from "../../../e2e/play-rules.ts";
import { scenarios } from "../../../e2e/scenarios/index.ts";
import { readText } from "../../../house/files.ts";
import { crossed } from "../../../truth/crossed-responses.ts";
import { reports } from "../../../truth/reports.ts";
import { ALL_CASES } from "./cases/all-cases.ts";

const names = [...Object.values(scenarios).flat(), ...reports, ...crossed].map(({ name }) => name);
const all = ALL_CASES.flatMap(({ rule, browser, counter }) => [
  { rule, browser },
  { rule: `not ${rule}`, browser: counter.browser },
]);
const elsewhere = all.flatMap(({ rule, browser }) =>
  "scenario" in browser ? [{ rule, scenario: browser.scenario }] : [],
);

it.each(elsewhere)("$rule is played by a scenario that exists", ({ scenario }) => {
  expect(names).toContain(scenario);
});

it("nearly every case is played in a browser, and the others say why not", () => {
  const reasons = all.flatMap(({ browser }) => ("not" in browser ? [browser.not] : []));
  expect(reasons.filter((reason) => reason.length < 20)).toEqual([]);
  expect(reasons.length / all.length).toBeLessThan(0.1);
});

const SITES = { foreign: "foreign", untrusted: "foreign", files: "why", "signed cookies": "why" };
const played = all.flatMap(({ rule, browser }) => ("site" in browser ? [{ rule, ...browser }] : []));

it("every site is played by a scenario", () => {
  const scenario = readText("tests/e2e/play-rules.ts");
  expect(Object.keys(SITES).filter((site) => !scenario.includes(`, "${site}", `))).toEqual([]);
});

it.each(played)("$rule is played on paths that its site has", ({ site, steps }) => {
  const source = readText(`tests/e2e/sites/${SITES[site]}.ts`);
  const paths = steps.flat().map((step) => `/${/\/([\w-]+)/.exec(step)?.[1]}`);
  expect(paths.filter((path) => !source.includes(`"${path}`) && !source.includes(`\`${path}`))).toEqual([]);
});

it.each(ALL_CASES)("$rule names the words that its counter-case must not show", (one) => {
  if ("site" in one.counter.browser) expect(silentWords(one).source).not.toBe("");
});
