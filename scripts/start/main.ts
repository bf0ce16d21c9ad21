/**
 * `npm start [-- firefox] [headless]`: the demo site in a browser whose DevTools show the Sessions tab.
 *
 * With a display it stays open for you until you close the browser or press Ctrl-C. With none, or with the word
 * `headless`, it takes the tour by itself and exits.
 */

import type { BrowserDriver, SitePage, StartOptions } from "../../tests/e2e/driver.ts";
import { ensureChromium } from "../machine/chromium.ts";
import { buildExtension } from "../machine/extension.ts";
import { Failure, runCommand, type Undo } from "../machine/failure.ts";
import { ensureFirefox } from "../machine/firefox.ts";
import { stopPrograms } from "../machine/program.ts";
import { type Site, startSite } from "../machine/site.ts";
import { takeTour } from "./tour.ts";

const DEMO = "examples/express/server.ts";

interface Choice {
  browser: "chromium" | "firefox";
  headless: boolean;
}

await runCommand(async (later) => {
  later(stopPrograms);
  const choice = readArguments(process.argv.slice(2));
  const executable = choice.browser === "firefox" ? await ensureFirefox() : await ensureChromium();
  console.log("Building the extension.");
  const extension = await buildExtension(choice.browser === "firefox" ? "firefox" : "chrome");
  const site = await startDemo(later);
  const options = { extension, executable, headless: choice.headless };
  const driver = await startBrowser(choice, options);
  later(() => driver.close());
  console.log(`${driver.version} is open, with the extension from ${extension}.`);
  const openOther = async () => {
    const other = await startBrowser(choice, { ...options, size: { width: 560, height: 800 } });
    later(() => other.close());
    const page = await other.newPage();
    await page.goto(site.url);
    return page;
  };
  if (choice.headless) return await takeTour({ driver, site, openOther });
  return await showToUser(driver, site, openOther);
});

function readArguments(words: readonly string[]): Choice {
  const unknown = words.find((word) => word !== "firefox" && word !== "headless");
  if (unknown !== undefined) {
    throw new Failure(`npm start knows the words "firefox" and "headless", not "${unknown}".`);
  }
  return {
    browser: words.includes("firefox") ? "firefox" : "chromium",
    headless: words.includes("headless") || !hasDisplay(),
  };
}

/** Windows and macOS always have one. */
function hasDisplay(): boolean {
  if (process.platform !== "linux") return true;
  return Boolean(process.env["DISPLAY"] || process.env["WAYLAND_DISPLAY"]);
}

async function startDemo(later: (undo: Undo) => void): Promise<Site> {
  const wanted = process.env["PORT"] ?? "3000";
  const port = Number(wanted);
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    throw new Failure(`PORT is "${wanted}". Give a number from 1 to 65535, for example PORT=3001 npm start`);
  }
  const site = await startSite(DEMO, { port });
  later(() => site.close());
  console.log(`The demo site is on ${site.url}, from ${DEMO}.`);
  return site;
}

/** Loads only the driver that is used. */
async function startBrowser(choice: Choice, options: StartOptions): Promise<BrowserDriver> {
  if (choice.browser === "firefox") {
    return (await import("../../tests/e2e/drivers/firefox.ts")).startFirefox(options);
  }
  return (await import("../../tests/e2e/drivers/chromium.ts")).startChromium(options);
}

async function showToUser(
  driver: BrowserDriver,
  site: Site,
  openOther: () => Promise<SitePage>,
): Promise<number> {
  const otherPage = await openOther();
  await otherPage.click({ role: "button", name: "Log in" });
  const page = await driver.newPage();
  await page.goto(site.url);
  const tools = await page.openTools();
  await tools.showPanel();
  console.log("Log in as john_doe on the page and watch the Sessions tab.");
  console.log(
    "A second browser is logged in as john_doe, too: open Your devices, log it out, and reload it.",
  );
  console.log("Close the browser with the Sessions tab, or press Ctrl-C, to end.");
  await driver.whenClosed();
  return 0;
}
