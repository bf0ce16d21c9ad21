/** "Why?" in real browsers: the cases of its rules (`tests/extension/logic/explain/cases/`), one after the other in one tab. */
import { expect } from "@playwright/test";
import { ALL_CASES } from "../../extension/logic/explain/cases/all-cases.ts";
import type { BrowserCase } from "../../extension/logic/explain/cases/rule-case.ts";
import type { SitePage, Surface } from "../driver.ts";
import { expectContents, PARTS, readCookies, SHOWN_MS } from "../panel.ts";
import type { Scenario } from "../scenario.ts";

const FOREIGN = "tests/e2e/sites/foreign.ts";
const SITE = "tests/e2e/sites/why.ts";
const CLEAR = { role: "button", name: "Clear", exact: true };

interface Place {
  page: SitePage;
  panel: Surface;
  url: string;
  /** A second server, for `other`. */
  other?: string;
}

async function open(page: SitePage, url: string): Promise<Place> {
  await page.goto(`${url}/`);
  const tools = await page.openTools();
  return { page, panel: await tools.showPanel(), url };
}

/** Plays every case of a site. */
async function play(place: Place, site: BrowserCase["site"], browserName: string): Promise<void> {
  const wrong: string[] = [];
  for (const { rule, browser } of ALL_CASES) {
    if (!("site" in browser) || browser.site !== site) continue;
    if (browser.only !== undefined && browser.only !== browserName) continue;
    await place.panel.click(CLEAR);
    for (const step of browser.steps) await take(place, step);
    const said = await readWhy(place.panel, browser);
    if (!browser.words.test(said)) wrong.push(`${rule}: ${said}`);
  }
  expect(wrong).toEqual([]);
}

/** Takes a step, or several at once: in one script of the page, for a driver may run one only. */
async function take({ page, url, other = "" }: Place, step: string | readonly string[]): Promise<void> {
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

/** What the tab says of the case's row, once it says what it should or after a while. */
async function readWhy(panel: Surface, { row, words }: BrowserCase): Promise<string> {
  if (row !== null) await chooseRow(panel, row);
  await panel.click({ role: "tab", name: "Why?" });
  const read = async () => (await panel.texts({ role: "region", name: "Why:" })).join(" ");
  await expect
    .poll(read, { timeout: 8000 })
    .toMatch(words)
    .catch(() => {});
  return read();
}

async function chooseRow(panel: Surface, path: string): Promise<void> {
  const row = { role: "row", text: path, within: PARTS.requests };
  await expect.poll(() => panel.texts(row), { message: path, timeout: SHOWN_MS }).not.toEqual([]);
  await panel.click(row);
}

export const why: readonly Scenario[] = [
  {
    name: '"Why?" says what became of the cookies of a site without a bridge',
    async run(stage) {
      const [site, second] = [await stage.startSite(FOREIGN), await stage.startSite(FOREIGN)];
      const place = await open(await stage.newPage(), site.url);
      await play({ ...place, other: second.url }, "foreign", stage.driver.name);
    },
  },
  {
    name: '"Why?" says what became of cookies under a name that browsers do not trust',
    async run(stage) {
      const site = await stage.startSite(FOREIGN);
      const driver = await stage.startBrowser({ hosts: ["app.test"] });
      await driver.setAccess("app.test", true);
      const place = await open(await driver.newPage(), site.url.replace("localhost", "app.test"));
      await play(place, "untrusted", driver.name);
    },
  },
  {
    name: '"Why?" says what became of the session on the server',
    async run(stage) {
      const site = await stage.startSite(SITE);
      const place = await open(await stage.newPage(), site.url);
      await play(place, "files", stage.driver.name);
    },
  },
  {
    name: '"Why?" warns of a signed cookie that is nearly too long, and of clocks that differ',
    async run(stage) {
      const site = await stage.startSite(SITE, { ENGINE: "signed-cookies", AHEAD_MS: "7500000" });
      const place = await open(await stage.newPage(), site.url);
      await play(place, "signed cookies", stage.driver.name);
    },
  },
  {
    name: '"Why?" tells a cookie that this panel deleted from one that somebody else did',
    async run(stage) {
      const site = await stage.startSite(SITE);
      const { page, panel, url } = await open(await stage.newPage(), site.url);
      const expectWhy = (words: RegExp) =>
        expect
          .poll(async () => (await panel.texts({ role: "region", name: "Why:" })).join(" "), {
            timeout: SHOWN_MS,
          })
          .toMatch(words);
      await take({ page, panel, url }, "GET /set/cart");
      await expectContents(panel, /cart: 123/);
      await stage.driver.clearCookies();
      await panel.click({ role: "tab", name: "Why?" });
      await expectWhy(
        /is gone before its time and without a Set-Cookie: the browser evicted it, or another tab/,
      );

      await take({ page, panel, url }, "GET /set/cart");
      await expect.poll(() => readCookies(panel), { timeout: SHOWN_MS }).toHaveLength(1);
      await panel.click({ role: "tab", name: "Cookie" });
      await panel.click({ role: "button", name: "Delete cookie" });
      await panel.click({ role: "tab", name: "Why?" });
      await expectWhy(/is gone: it was deleted in this panel/);
    },
  },
  {
    name: "each key says who wrote it last, and in which request",
    async run(stage) {
      const site = await stage.startSite(SITE);
      const place = await open(await stage.newPage(), site.url);
      await take(place, "GET /set/cart");
      await expectContents(place.panel, /cart: 123.*why\.ts:\d+/);
      const titles = await place.panel.evaluate(
        () =>
          [...document.querySelectorAll<HTMLElement>("[role=treegrid] [title]")].map(({ title }) => title),
        null,
      );
      expect(titles.join("\n")).toMatch(/Last written by \S*why\.ts:\d+ in GET \/set\/cart, \d+/);
    },
  },
];
