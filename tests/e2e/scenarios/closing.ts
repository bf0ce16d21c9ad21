/** Closing the browser: simulated in the panel, and for real. */
import { expect } from "@playwright/test";
import type { BrowserCookie, BrowserDriver, Surface } from "../driver.ts";
import { expectText, SHOWN_MS } from "../panel.ts";
import { restoreClosed, simulateClose } from "../panel-acts.ts";
import type { Scenario, Stage } from "../scenario.ts";

/** A host below a domain, so that a cookie can belong to more than its own host. */
const HOST = "www.shop.localhost";

export const closing: readonly Scenario[] = [
  {
    name: "a simulated close keeps the cookies that a real quit keeps, and undo restores every cookie exactly",
    async run(stage) {
      const { browser, panel, url } = await openJar(stage);
      const full = await readJar(browser, url);
      expect(full.length).toBeGreaterThanOrEqual(9);

      await simulateClose(panel);
      await expectText(panel, /as predicted/);
      const simulated = await readJar(browser, url);
      expect(simulated.length).toBeGreaterThan(0);
      expect(simulated.length).toBeLessThan(full.length);

      await restoreClosed(panel);
      await expect.poll(() => readJar(browser, url), { timeout: SHOWN_MS }).toEqual(full);

      await browser.restart();
      expect(await readJar(browser, url)).toEqual(simulated);
    },
  },
  {
    name: "a simulated close empties the tab's sessionStorage as well, and undo restores it",
    async run(stage) {
      const { page, panel } = await openJar(stage);
      // A page that is being reloaded cannot answer.
      const note = () => page.evaluate(() => sessionStorage.getItem("note"), null).catch(() => "reloading");
      await expect.poll(note).toBe("of this tab");
      await simulateClose(panel);
      await expectText(panel, /as predicted/);
      await expect.poll(note, { timeout: SHOWN_MS }).toBeNull();
      await restoreClosed(panel);
      await expect.poll(note, { timeout: SHOWN_MS }).toBe("of this tab");
    },
  },
];

/** The site with its cookies set, in a separate browser, because that will be quit. */
async function openJar(stage: Stage) {
  const site = await stage.startSite("tests/e2e/sites/jar.ts");
  const url = site.url.replace("localhost", HOST);
  const browser = await stage.startBrowser();
  const page = await browser.newPage();
  await page.goto(url);
  await page.click({ role: "button", name: "Fill" });
  await expect.poll(() => page.url()).toContain("filled");
  const tools = await page.openTools();
  const panel: Surface = await tools.showPanel();
  return { browser, page, panel, url };
}

/** Every cookie of the site, including its deep path, sorted, because restoring changes the browser's order. */
async function readJar(browser: BrowserDriver, url: string): Promise<BrowserCookie[]> {
  const all = [...(await browser.cookies(url)), ...(await browser.cookies(`${url}/deep/down`))];
  const byName = new Map(all.map((cookie) => [cookie.name, cookie]));
  return [...byName.values()].toSorted((a, b) => a.name.localeCompare(b.name));
}
