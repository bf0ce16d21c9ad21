/** Unusual conditions: other tabs, restarts, a sleeping background, hurried navigation. */
import { expect } from "@playwright/test";
import {
  expectContents,
  expectRows,
  expectText,
  readAllRows,
  readCookies,
  readRows,
  readText,
  SHOWN_MS,
} from "../panel.ts";
import type { Scenario } from "../scenario.ts";
import { addToCart, logIn, logOut } from "./story.ts";

/** The panel retries a lost server at growing intervals, at most this long. */
const RECONNECTED_MS = 40_000;

export const robust: readonly Scenario[] = [
  {
    name: "another tab's change of the same session appears as changed outside this tab",
    async run({ open, newPage, site }) {
      const { page, panel } = await open();
      await logIn(page);
      await expectRows(panel, /POST \/login/);
      const other = await newPage();
      await other.goto(site.url);
      await addToCart(other, "cake");
      await page.show();
      await expectRows(panel, /outside this tab.*\+cart|\+cart.*outside this tab/i);
    },
  },
  {
    name: "a restarted server is noticed, reconnected and marked as a gap, and no row is lost",
    async run({ open, site }) {
      const { page, panel } = await open();
      await logIn(page);
      // The page's first request waits briefly for a trace that claims it before it gets a row.
      await expectRows(panel, /before DevTools opened/, /POST \/login.*\+user_id/, /GET \/ 200/, /Went to/);
      const before = (await readRows(panel)).map(withoutTime);
      await site.kill();
      await expectText(panel, /Lost the server/i);
      expect((await readRows(panel)).map(withoutTime)).toEqual(before);

      await site.start();
      await expect.poll(() => readText(panel), { timeout: RECONNECTED_MS }).not.toMatch(/Lost the server/i);
      await expectRows(panel, /server has a new log/i);
      await addToCart(page, "tea");
      await expectRows(panel, /server has a new log/i, /POST \/cart.*\+cart/);
      expect((await readRows(panel)).slice(0, before.length).map(withoutTime)).toEqual(before);
    },
  },
  {
    name: "stopping the extension's background in between loses nothing",
    async run({ open, driver }) {
      const { page, panel } = await open();
      await logIn(page);
      await driver.stopWorker();
      await addToCart(page, "tea");
      await driver.stopWorker();
      await logOut(page);
      await expectRows(panel, /POST \/login.*\+user_id/, /POST \/cart.*\+cart/, /POST \/logout.*flushed/);
      await expect
        .poll(async () => (await readCookies(panel)).join(), { timeout: SHOWN_MS })
        .toContain("sessionid");
    },
  },
  {
    name: "thirty requests fired before leaving the page are all in the timeline",
    async run({ open, site }) {
      const { page, panel } = await open();
      await page.evaluate((url) => {
        for (let number = 0; number < 30; number++) void fetch(`/?burst=${number}`, { keepalive: true });
        location.href = `${url}/?left`;
        return null;
      }, site.url);
      const bursts = async () => {
        const rows = await readAllRows(panel);
        return new Set(rows.flatMap((row) => /burst=(\d+)/.exec(row)?.[1] ?? [])).size;
      };
      await expect.poll(bursts, { timeout: SHOWN_MS }).toBe(30);
    },
  },
  {
    name: "hiding the panel and showing it again keeps what it shows",
    inField: ["chromium"],
    async run({ open }) {
      const { page, panel, tools } = await open();
      await logIn(page);
      await expectRows(panel, /POST \/login/);
      await tools.hidePanel();
      await addToCart(page, "tea");
      const again = await tools.showPanel();
      await expectRows(again, /POST \/login.*\+user_id/, /POST \/cart.*\+cart/);
      await expectContents(again, /user_id ?: 123/);
    },
  },
  {
    name: "DevTools docked elsewhere still shows the earlier requests",
    inField: ["firefox"],
    async run({ open }) {
      const { page, panel, tools } = await open();
      await logIn(page);
      await expectRows(panel, /POST \/login.*\+user_id/);
      await tools.dock("right");
      await expectRows(await tools.showPanel(), /POST \/login.*\+user_id/);
      await tools.dock("bottom"); // Chromium remembers it for the scenarios that follow in this browser
    },
  },
];

/** A row without the time that it took, which the browser's log corrects shortly after the row is there. */
function withoutTime(row: string): string {
  return row.replace(/ [\d.]+ m?s$/, "");
}
