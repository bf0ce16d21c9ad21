/** Unusual pages and servers: nested frames, the browser's own pages, a server that is down, a server that reports nothing. */
import { expect } from "@playwright/test";
import type { SitePage, Surface } from "../driver.ts";
import { expectContents, expectRows, expectText, PARTS, readCookies, readText, SHOWN_MS } from "../panel.ts";
import type { Scenario } from "../scenario.ts";

const SITE = "tests/e2e/sites/why.ts";
/** Signed as itsdangerous does for Flask; nothing here checks the signature. */
const FLASK_NUMBERS = `session=${Buffer.from('{"rate":NaN,"most":Infinity}').toString("base64url")}.arE7gA.${"A".repeat(27)}; Path=/; HttpOnly`;
const NOTHING_DONE = /did nothing/;

/** Selects the row of a path, and returns what "Why?" says about it. */
async function whyOf(panel: Surface, path: string, words: RegExp): Promise<string> {
  const row = { role: "row", text: path, within: PARTS.requests };
  await expect.poll(() => panel.texts(row), { message: path, timeout: SHOWN_MS }).not.toEqual([]);
  await panel.click(row);
  await panel.click({ role: "tab", name: "Why?" });
  await expectText(panel, words);
  return readText(panel);
}

function ask(page: SitePage, path: string): Promise<null> {
  return page.evaluate(
    (address) =>
      fetch(address).then(
        () => null,
        () => null,
      ),
    path,
  );
}

export const oddPages: readonly Scenario[] = [
  {
    name: "the cookie of a frame inside a cross-origin frame is listed or reported as missing when DevTools opens late",
    async run(stage) {
      const { url } = await stage.startSite("tests/e2e/sites/frames.ts");
      const page = await stage.newPage();
      await page.goto(`${url}/`);
      const panel = await (await page.openTools()).showPanel();
      const read = async () => (await readCookies(panel)).join("\n");
      if (stage.driver.name === "firefox") {
        await expectText(panel, /1 frame is inside a frame of another origin/);
        expect(await readText(panel)).not.toMatch(/No session yet/);
        await panel.click({
          role: "button",
          name: "Reload page",
          within: { role: "region", name: "Cookies" },
        });
      }
      await expect.poll(read, { timeout: SHOWN_MS }).toMatch(/PHPSESSID/);
      expect(await readText(panel)).not.toMatch(/is inside a frame/);
    },
  },
  {
    name: "a browser page that is opened after a site shows nothing of that site",
    async run(stage) {
      const { url } = await stage.startSite(SITE);
      // A separate browser: Firefox logs an error when an extension inspects such a page.
      const page = await (await stage.startBrowser()).newPage();
      await page.goto(`${url}/`);
      const panel = await (await page.openTools()).showPanel();
      await ask(page, "/set/cart");
      await expectContents(panel, /cart: 123/);
      await page.goto(stage.driver.name === "chromium" ? "chrome://version" : "about:license");
      await expectText(panel, /Nothing to inspect here/);
      expect(await readText(panel)).not.toMatch(/cart|sessionid/);
      await page.goto(`${url}/`);
      await expectContents(panel, /cart: 123/);
    },
  },
  {
    name: '"Why?" claims nothing about a request to a server that is down',
    async run(stage) {
      const site = await stage.startSite(SITE);
      const page = await stage.newPage();
      await page.goto(`${site.url}/`);
      const panel = await (await page.openTools()).showPanel();
      await ask(page, "/set/cart");
      await expectContents(panel, /cart: 123/);
      await site.kill();
      await ask(page, "/read");
      await expectText(panel, /Lost the server/);
      expect(await whyOf(panel, "/read", /This request failed/)).not.toMatch(NOTHING_DONE);
    },
  },
  {
    name: '"Why?" says that a request did not change the session only if the server said so',
    inField: ["firefox"],
    async run(stage) {
      const [told, silent] = [
        await stage.startSite(SITE),
        await stage.startSite("tests/e2e/sites/foreign.ts"),
      ];
      const page = await stage.newPage();
      await page.goto(`${told.url}/`);
      const panel = await (await page.openTools()).showPanel();
      await ask(page, "/set/cart");
      await ask(page, "/plain");
      await expectRows(panel, /GET \/plain 200/);
      await whyOf(panel, "/plain", /neither loaded a session of session-bridge nor stored one/);
      await page.goto(`${silent.url}/`);
      await ask(page, "/php");
      await ask(page, "/outside");
      const said = await whyOf(panel, "/outside", /It is not known whether it touched the session/);
      expect(said).not.toMatch(NOTHING_DONE);
    },
  },
  {
    name: "a Flask session that contains NaN and Infinity, which JSON does not have, is decoded",
    inField: ["chromium"],
    async run(stage) {
      const { url } = await stage.startSite("tests/e2e/sites/foreign.ts");
      const page = await stage.newPage();
      await page.goto(`${url}/put/flask?${encodeURIComponent(JSON.stringify([FLASK_NUMBERS]))}`);
      const panel = await (await page.openTools()).showPanel();
      await expect
        .poll(async () => (await readCookies(panel)).join(), { timeout: SHOWN_MS })
        .toMatch(/session/);
      await panel.click({ role: "tab", name: "Cookie" });
      await expectText(panel, /Inside the cookie: Flask[\s\S]*"rate":NaN[\s\S]*"most":Infinity/);
    },
  },
];
