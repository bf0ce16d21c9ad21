/** Plays the cases of "Why?" (`tests/extension/logic/explain/cases/`) in a real browser, one after the other in one tab. */
import { expect } from "@playwright/test";
import { ALL_CASES } from "../extension/logic/explain/cases/all-cases.ts";
import type { BrowserCase, PlayedCounter, RuleCase } from "../extension/logic/explain/cases/rule-case.ts";
import type { SitePage, Surface } from "./driver.ts";
import { PARTS, readText, SHOWN_MS } from "./panel.ts";
import type { Scenario, Stage } from "./scenario.ts";

const FOREIGN = "tests/e2e/sites/foreign.ts";
const SITE = "tests/e2e/sites/why.ts";
const CLEAR = { role: "button", name: "Clear", exact: true };

/** Where cases are played. */
export interface Place {
  page: SitePage;
  panel: Surface;
  url: string;
  /** A second server, for `other`. */
  other?: string;
}

/** What is played for each rule. */
type Parts = "cases" | "counter-cases";

type PlaySite = (stage: Stage, parts: Parts) => Promise<void>;

/** A scenario for each site that cases are played on. */
export function siteScenarios(parts: Parts): readonly Scenario[] {
  const also = parts === "cases" ? "" : ": nothing where it would be false";
  return SITES.map(({ name, play }) => ({ name: `${name}${also}`, run: (stage) => play(stage, parts) }));
}

const SITES: readonly { name: string; play: PlaySite }[] = [
  {
    name: '"Why?" says what happened to the cookies of a site without a bridge',
    async play(stage, parts) {
      const [site, second] = [await stage.startSite(FOREIGN), await stage.startSite(FOREIGN)];
      const place = await openPlace(await stage.newPage(), site.url);
      await play({ ...place, other: second.url }, "foreign", { browser: stage.driver.name, parts });
    },
  },
  {
    name: '"Why?" says what happened to cookies of a host that browsers do not trust',
    async play(stage, parts) {
      const site = await stage.startSite(FOREIGN);
      const driver = await stage.startBrowser({ hosts: ["app.test"] });
      await driver.setAccess("app.test", true);
      const place = await openPlace(await driver.newPage(), site.url.replace("localhost", "app.test"));
      await play(place, "untrusted", { browser: driver.name, parts });
    },
  },
  {
    name: '"Why?" says what happened to the session on the server',
    async play(stage, parts) {
      const site = await stage.startSite(SITE);
      const place = await openPlace(await stage.newPage(), site.url);
      await play(place, "files", { browser: stage.driver.name, parts });
    },
  },
  {
    name: '"Why?" warns of a signed cookie that is nearly too long, and of clocks that differ',
    async play(stage, parts) {
      const site = await stage.startSite(SITE, { ENGINE: "signed-cookies", AHEAD_MS: "7500000" });
      const place = await openPlace(await stage.newPage(), site.url);
      await play(place, "signed cookies", { browser: stage.driver.name, parts });
    },
  },
];

/** Opens a site with the panel on it. */
export async function openPlace(page: SitePage, url: string): Promise<Place> {
  await page.goto(`${url}/`);
  const tools = await page.openTools();
  return { page, panel: await tools.showPanel(), url };
}

/** Plays every case of a site, or every counter-case. */
async function play(
  place: Place,
  site: BrowserCase["site"],
  { browser, parts }: { browser: string; parts: Parts },
): Promise<void> {
  const wrong: string[] = [];
  const isHere = (played: object): played is BrowserCase | PlayedCounter =>
    "site" in played && played.site === site && (!("only" in played) || played.only === browser);
  for (const { rule, browser: said, counter } of ALL_CASES) {
    if (parts === "cases" && isHere(said) && "words" in said) {
      const why = await readRow(place, said, said.words);
      if (!said.words.test(why)) wrong.push(`${rule}: ${why}\n${await readText(place.panel)}`);
    }
    if (parts === "counter-cases" && isHere(counter.browser) && "shows" in counter.browser) {
      const { shows } = counter.browser;
      const all = await readRow(place, counter.browser, shows);
      if (!shows.test(all)) wrong.push(`${rule}: it does not show ${shows}: ${all}`);
      if (silentWords({ browser: said, counter }).test(all)) wrong.push(`${rule} speaks: ${all}`);
    }
  }
  expect(wrong).toEqual([]);
}

/** What "Why?" must not say in a counter-case that is played. */
export function silentWords({ browser, counter }: Pick<RuleCase, "browser" | "counter">): RegExp {
  if ("shows" in counter.browser && counter.browser.silent) return counter.browser.silent;
  if ("words" in browser) return browser.words;
  throw new Error("A counter-case whose case is played elsewhere has to say which words must be absent");
}

/** Takes the steps, and reads the row and what "Why?" says about it, once that matches `until` or the time is up. */
async function readRow(
  place: Place,
  { steps, row }: BrowserCase | PlayedCounter,
  until: RegExp,
): Promise<string> {
  const { panel } = place;
  await panel.click(CLEAR);
  for (const step of steps) await take(place, step);
  if (row !== null) await chooseRow(panel, row);
  await panel.click({ role: "tab", name: "Why?" });
  const read = async () => {
    const why = await panel.texts({ role: "region", name: "Why:" });
    const shown = row === null ? [] : await panel.texts({ role: "row", text: row, within: PARTS.requests });
    return [...shown, ...why].join(" ");
  };
  await expect
    .poll(read, { timeout: 8000 })
    .toMatch(until)
    .catch(() => {});
  return read();
}

/** Takes a step, or several at the same time: in one script of the page, because a driver can run only one. */
export async function take(
  { page, url, other = "" }: Pick<Place, "page" | "url" | "other">,
  step: string | readonly string[],
): Promise<void> {
  const parts = [step].flat().map((one) => {
    const [, where, what = "GET", path] = /^(?:(other|cross) )?(\S+) (\S+)$/.exec(one) ?? [];
    const origin = { other, cross: url.replace("localhost", "127.0.0.1") }[where ?? ""] ?? url;
    return [`${origin}${path}`, what];
  });
  const [[first = "", what] = []] = parts;
  if (what === "open") return page.goto(first);
  await page.evaluate(async (all) => {
    const options = { mode: "no-cors", credentials: "include" } as const;
    await Promise.all(all.map(([address = "", method = "GET"]) => fetch(address, { method, ...options })));
    return null;
  }, parts);
}

async function chooseRow(panel: Surface, path: string): Promise<void> {
  const row = { role: "row", text: path, within: PARTS.requests };
  await expect.poll(() => panel.texts(row), { message: path, timeout: SHOWN_MS }).not.toEqual([]);
  await panel.click(row);
}
