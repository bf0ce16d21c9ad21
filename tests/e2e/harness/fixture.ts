/** The harness page for specs: one server, one real Chromium and one tab per worker. Each state is a new document in that tab. */
import { test as base, chromium, type Page } from "@playwright/test";
import { findChromium } from "../../../scripts/machine/chromium.ts";
import { type Harness, serveHarness } from "../../panel/harness/server.ts";

interface WorkerFixtures {
  harness: Harness;
  /**
   * The tab of all tests of a worker. A new tab for each test starts a process that compiles the panel again, which took half of the
   * suite's time. After a test that failed Playwright starts another worker, and with it another tab.
   */
  tab: Page;
}

interface Fixtures {
  /** Opens a state, and fails the test on any page error or any request outside the harness. */
  show: (state: string, options?: ShowOptions) => Promise<Page>;
}

export interface ShowOptions {
  theme?: "light" | "dark";
  width?: number;
  height?: number;
  /** True: the clock runs. Otherwise it stops until a test moves it. */
  running?: boolean;
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  harness: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the required fixtures from this pattern
    async ({}, use) => {
      const harness = await serveHarness();
      await use(harness);
      await harness.close();
    },
    { scope: "worker" },
  ],
  browser: [
    // biome-ignore lint/correctness/noEmptyPattern: as above
    async ({}, use) => {
      const executablePath = await findChromium();
      const browser = await chromium.launch({
        ...(executablePath === null ? {} : { executablePath }),
        args: ["--no-sandbox"],
      });
      await use(browser);
      await browser.close();
    },
    { scope: "worker" },
  ],
  tab: [
    async ({ browser }, use) => {
      const context = await browser.newContext({ locale: "en-US" });
      await use(await context.newPage());
      await context.close();
    },
    { scope: "worker" },
  ],
  page: async ({ tab }, use) => {
    await use(tab);
    // What outlives a document: listeners, emulated media, the pointer, and what is stored for the origin.
    for (const event of ["pageerror", "dialog", "request"]) tab.removeAllListeners(event);
    await tab.emulateMedia({ media: null, colorScheme: null, forcedColors: null, reducedMotion: null });
    await tab.mouse.move(-1, -1);
    await tab.evaluate(() => {
      localStorage.clear();
      sessionStorage.clear();
    });
  },
  show: async ({ harness, page }, use) => {
    const faults: string[] = [];
    page.on("pageerror", (error) => faults.push(error.stack ?? error.message));
    page.on("dialog", (dialog) => {
      faults.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    const home = new URL(harness.url("now")).host;
    page.on("request", (request) => {
      const url = new URL(request.url());
      if (url.protocol.startsWith("http") && url.host !== home) faults.push(`request: ${request.url()}`);
    });
    await use(async (state, { theme = "light", width = 1180, height = 420, running = false } = {}) => {
      await page.setViewportSize({ width, height });
      await page.goto(harness.url(state, { theme, ...(running ? { running: "" } : {}) }));
      await page.locator("html[data-ready]").waitFor({ state: "attached" });
      return page;
    });
    if (faults.length > 0) throw new Error(`The page was not quiet:\n${faults.join("\n")}`);
  },
});

export { expect } from "@playwright/test";
