/** Servers whose clock is an hour ahead or behind: countdowns, expiry and the order of rows stay true. */
import { expect } from "@playwright/test";
import type { BrowserCookie, Surface } from "../driver.ts";
import {
  expectContents,
  expectPage,
  expectRows,
  expectText,
  PARTS,
  readContents,
  readCookies,
  readSecondsLeft,
  readText,
  SHOWN_MS,
} from "../panel.ts";
import type { Scenario } from "../scenario.ts";

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

export const skewedClocks: readonly Scenario[] = (["ahead", "behind"] as const).map((where) => ({
  name: `with a server's clock an hour ${where}, cookie, session and server end when the panel says`,
  inField: where === "ahead" ? ["firefox"] : [],
  async run(stage) {
    const { url } = await stage.startSite("tests/e2e/sites/skewed.ts", {
      AHEAD_MS: String(where === "ahead" ? HOUR_MS : -HOUR_MS),
    });
    const page = await stage.newPage();
    await page.goto(url);
    const panel = await (await page.openTools()).showPanel();
    await page.reload();
    await expectRows(panel, /GET \/ .*\+visits/, /GET \/ 200 .*~visits 1→2/, /Went to/);
    await expectText(panel, new RegExp(`server clock 3600 s ${where}`));

    const sessionCookie = async (): Promise<BrowserCookie | undefined> =>
      (await stage.driver.cookies(url)).find(({ name }) => name === "sessionid");
    const difference = async () => {
      // Reading takes a while: the countdown was shown at some time during it.
      const from = Date.now() / 1000;
      const shown = (await readSecondsLeft(panel, "sessionid")) ?? Number.NaN;
      const to = Date.now() / 1000;
      const expiry = (await sessionCookie())?.expirationDate ?? 0;
      return Math.max(0, shown - (expiry - from), expiry - to - shown);
    };
    await expect.poll(difference, { timeout: SHOWN_MS }).toBeLessThanOrEqual(2);
    expect(await readSecondsLeft(panel, "sessionid")).toBeGreaterThan(3500);
    await expectText(panel, /Expires\s.*\(in 00:59:\d\d\)/);
    const inAnHour = () => readDifference(panel, Date.now() + HOUR_MS);
    await expect.poll(inAnHour, { timeout: SHOWN_MS }).toBeLessThan(MINUTE_MS);
    await panel.click({ role: "row", text: "~visits", within: PARTS.requests });
    await expectText(panel, /After request \d+/);
    await expect.poll(inAnHour, { timeout: SHOWN_MS }).toBeLessThan(MINUTE_MS);
    expect(await readText(panel)).not.toMatch(/\(in \d\d:\d\d:\d\d\)/);
    await panel.click({ role: "button", name: "Now", exact: true });

    await page.goto(`${url}/soon`);
    await expectContents(panel, /_session_expiry: 4/);
    const row = async () => (await readCookies(panel)).find((text) => text.includes("sessionid")) ?? "";
    const before = await row();
    const alive = await sessionCookie();
    // The countdown was read first: a cookie that the browser still has was not called expired.
    if (alive !== undefined) expect(before).not.toMatch(/expired/);
    await expect.poll(row, { timeout: SHOWN_MS }).toMatch(/expired/);
    expect(await sessionCookie()).toBeUndefined();
    await expect.poll(() => readContents(panel), { timeout: SHOWN_MS }).toEqual([]);
    await page.goto(url);
    await expectPage(page, /Visits: 1/);
    await expectRows(panel, /GET \/soon 200 .*\+_session_expiry/, /GET \/ 200 .*\+visits.*new key/);
    expect(await readText(panel)).not.toMatch(/outside this tab/);
  },
}));

/** Milliseconds between the date that is shown after "Expires" and this one; NaN if none is shown. */
async function readDifference(panel: Surface, from: number): Promise<number> {
  // Intl puts a narrow space before AM and PM
  const shown = /Expires\s+([^(\n]+?)\s*(?:\(|\n|$)/.exec((await readText(panel)).replaceAll("\u202f", " "));
  return Math.abs(Date.parse(shown?.[1] ?? "") - from);
}
