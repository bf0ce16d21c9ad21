/** Every chip in a real browser: the row has it in its case, and another chip in the counter-case. */
import { expect } from "@playwright/test";
import type { SitePage, Surface } from "../e2e/driver.ts";
import { SHOWN_MS } from "../e2e/panel.ts";
import type { Scenario, Stage } from "../e2e/scenario.ts";
import { CHIP_PLAYS, type ChipPair, type ChipPlay } from "./chips/plays.ts";
import { siteOf } from "./sites.ts";

const CLEAR = { role: "button", name: "Clear", exact: true };

interface Place {
  page: SitePage;
  panel: Surface;
  url: string;
  /** A second server of the same kind. */
  other: string;
}

/** Plays every pair of a site, one after the other in one tab. */
async function playAll(stage: Stage, site: ChipPlay["site"]): Promise<void> {
  const place = await open(stage, site);
  const wrong: string[] = [];
  for (const [name, pair] of Object.entries(CHIP_PLAYS)) {
    for (const [part, play, wanted] of partsOf(pair)) {
      if (play.site !== site) continue;
      await stage.driver.clearCookies();
      await place.panel.click(CLEAR);
      for (const step of play.steps) await take(place, step);
      const titles = await readTitles(place.panel, play.row, wanted);
      const said = titles.some((title) => pair.title.test(title));
      if (!titles.some((title) => wanted.test(title)) || said !== (part === "case"))
        wrong.push(`${name}, ${part}: ${titles.join("; ")}`);
    }
  }
  expect(wrong).toEqual([]);
}

function partsOf(pair: ChipPair): ["case" | "counter", ChipPlay, RegExp][] {
  return [
    ["case", pair.case, pair.title],
    ["counter", pair.counter, pair.instead],
  ];
}

async function open(stage: Stage, site: ChipPlay["site"]): Promise<Place> {
  const [first, second] = [await start(stage, site), await start(stage, site)];
  const page = await stage.newPage();
  await page.goto(`${first}/`);
  const tools = await page.openTools();
  return { page, panel: await tools.showPanel(), url: first, other: second };
}

async function start(stage: Stage, site: ChipPlay["site"]): Promise<string> {
  const { entry, env } = site === "foreign" ? { entry: "tests/e2e/sites/foreign.ts", env: {} } : siteOf(site);
  return (await stage.startSite(entry, env)).url;
}

/** Takes a step, or several at the same time: in one script of the page, because a driver can run only one. */
async function take({ page, url, other }: Place, step: string | readonly string[]): Promise<void> {
  const parts = [step].flat().map((one) => {
    const [, where, method = "GET", path = "/"] = /^(?:(other) )?(\S+) (\S+)$/.exec(one) ?? [];
    return [`${where === undefined ? url : other}${path}`, method];
  });
  await page.evaluate(async (all) => {
    const options = { mode: "no-cors", credentials: "include" } as const;
    await Promise.all(all.map(([address = "", method = "GET"]) => fetch(address, { method, ...options })));
    return null;
  }, parts);
}

/** Titles of the chips of the row with this path, once the expected one is there or the time is up. */
async function readTitles(panel: Surface, path: string, wanted: RegExp): Promise<string[]> {
  const read = () =>
    panel.evaluate((wantedPath) => {
      const rows = [...document.querySelectorAll("[role=grid][aria-label=Requests] [role=row][data-id]")];
      const row = rows.findLast((each) => {
        const shown = each.querySelector(".cell-path")?.textContent ?? "";
        return shown.split("?")[0] === wantedPath;
      });
      return [...(row?.querySelectorAll("[title]") ?? [])].map((each) => each.getAttribute("title") ?? "");
    }, path);
  await expect
    .poll(async () => (await read()).some((title) => wanted.test(title)), { timeout: SHOWN_MS })
    .toBe(true)
    .catch(() => {});
  return read();
}

export const truthOfChips: readonly Scenario[] = (
  ["files", "saved always", "signed cookies", "express-session", "foreign"] as const
).map((site) => ({
  name: `every chip is shown when it is true, and not when it would be false: ${site}`,
  run: (stage) => playAll(stage, site),
}));
