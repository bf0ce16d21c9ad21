/**
 * The demo's story, taken without anyone watching: log in, fill the cart, end the session of a second browser, log out; told
 * as text and pictures.
 */
import { mkdir } from "node:fs/promises";
import { join, relative } from "node:path";
import type { BrowserDriver, SitePage, Surface, Tools } from "../../tests/e2e/driver.ts";
import { Failure } from "../machine/failure.ts";
import { ROOT } from "../machine/program.ts";
import type { Site } from "../machine/site.ts";

/** The two browsers of the tour. */
interface Browsers {
  /** The page next to the Sessions tab. */
  page: SitePage;
  /** The same site in the second browser. */
  otherPage: SitePage;
}

/** A step of the tour: what is done, and what the timeline must then show. */
interface Step {
  title: string;
  picture: string;
  act(browsers: Browsers): Promise<void>;
  shows: RegExp;
  /** What the page says then, too: it is printed. */
  says?: RegExp;
  /** What the tab Devices lists then, a row a line: it is printed. */
  lists?: RegExp;
}

/** Who takes the tour, and where. */
interface TourOptions {
  driver: BrowserDriver;
  site: Site;
  /** Opens the site in a second browser, as a visitor who is not logged in. */
  openOther(): Promise<SitePage>;
}

const STEPS: readonly Step[] = [
  {
    title: "Log in as john_doe",
    picture: "1-logged-in",
    act: ({ page }) => page.click({ role: "button", name: "Log in" }),
    shows: /POST \/login .*\+user_id/,
  },
  {
    title: "Put tea into the cart, twice",
    picture: "2-cart",
    async act({ page }) {
      await page.click({ role: "button", name: "Add tea" });
      await page.click({ role: "button", name: "Add tea" });
    },
    shows: /POST \/cart .*~cart/,
  },
  {
    title: "Log in as john_doe in a second browser, and look at your devices in the first",
    picture: "3-two-devices",
    async act({ page, otherPage }) {
      await otherPage.click({ role: "button", name: "Log in" });
      await waitForText(otherPage, /Hello, john_doe/);
      await page.click({ role: "link", name: "Your devices" });
    },
    shows: /GET \/devices /,
    says: /logged in on 2 devices.*Another device/,
    lists: /^This one .*\nOther 1 .*$/,
  },
  {
    title: "Log the second browser out, with one click",
    picture: "4-one-device",
    async act({ page, otherPage }) {
      await page.click({ role: "button", name: "Log out that device" });
      await waitForText(page, /logged in on 1 device\./);
      await otherPage.reload();
      await waitForText(otherPage, /Log in/);
    },
    shows: /POST \/devices\/end /,
    says: /logged in on 1 device\./,
    lists: /^This one .*$/,
  },
  {
    title: "Log out",
    picture: "5-logged-out",
    async act({ page }) {
      await page.click({ role: "link", name: "Back to the shop" });
      await page.click({ role: "button", name: "Log out" });
    },
    shows: /POST \/logout .*flushed/,
  },
];

const SHOWN_MS = 20_000;

/** Takes the tour, prints the timeline that the panel shows, writes pictures to `out/tour/`. Gives the exit code. */
export async function takeTour({ driver, site, openOther }: TourOptions): Promise<number> {
  const folder = join(ROOT, "out", "tour", driver.name);
  await mkdir(folder, { recursive: true });
  const page = await driver.newPage();
  await page.goto(site.url);
  const tools = await page.openTools();
  const panel = await tools.showPanel();
  const otherPage = await openOther();
  const pictures: string[] = [];
  for (const step of STEPS) {
    console.log(`\n${step.title}.`);
    await step.act({ page, otherPage });
    await waitForRow(panel, step);
    if (step.says !== undefined) console.log(`  The page says: ${await waitForText(page, step.says)}`);
    if (step.lists !== undefined) await printDevices(panel, step.lists);
    pictures.push(...(await takePictures(folder, step.picture, tools, panel)));
  }
  console.log("\nThe timeline that the Sessions tab shows:");
  for (const row of await readTimeline(panel)) console.log(`  ${row}`);
  console.log("\nPictures:");
  for (const picture of pictures) console.log(`  ${relative(ROOT, picture)}`);
  return 0;
}

function readTimeline(panel: Surface): Promise<string[]> {
  return panel.texts({ role: "row", within: { role: "grid", name: "Requests" } });
}

async function waitForRow(panel: Surface, { title, shows }: Step): Promise<void> {
  const rows = await readUntil(
    () => readTimeline(panel),
    (now) => now.some((row) => shows.test(row)),
  );
  if (rows.some((row) => shows.test(row))) return;
  throw new Failure(
    `"${title}" does not show in the Sessions tab: no row of the timeline matches ${shows}. ` +
      `It shows:\n${rows.join("\n") || "nothing"}`,
  );
}

/** Shows the tab Devices of the panel, and prints its rows once they are as expected. */
async function printDevices(panel: Surface, expected: RegExp): Promise<void> {
  await panel.click({ role: "tab", name: "Devices" });
  const table = { role: "table", within: { role: "region", name: "Sessions of this user" } };
  const read = async () => (await panel.texts({ role: "row", within: table })).slice(1).join("\n");
  const rows = await readUntil(read, (now) => expected.test(now));
  if (!expected.test(rows))
    throw new Failure(`The tab Devices does not list ${expected}. It lists:\n${rows || "nothing"}`);
  console.log("  The tab Devices lists:");
  for (const row of rows.split("\n")) console.log(`    ${row}`);
}

/** What a page says, without the line about DevTools at its end. */
async function waitForText(page: SitePage, says: RegExp): Promise<string> {
  const read = () =>
    page
      .evaluate(() => {
        const whole = document.querySelector("main")?.innerText ?? "";
        const footer = document.querySelector("footer")?.innerText ?? "";
        return whole.replace(footer, "").replace(/\s+/g, " ").trim();
      }, null)
      .catch(() => ""); // the page is just being replaced
  const text = await readUntil(read, (now) => says.test(now));
  if (says.test(text)) return text;
  throw new Failure(`The page does not say ${says}. It says:\n${text || "nothing"}`);
}

/** Reads again until it is as wanted, or time is up; returns what was read last. */
async function readUntil<T>(read: () => Promise<T>, isWanted: (value: T) => boolean): Promise<T> {
  for (const deadline = Date.now() + SHOWN_MS; ; ) {
    const value = await read();
    if (isWanted(value) || Date.now() >= deadline) return value;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function takePictures(folder: string, name: string, tools: Tools, panel: Surface): Promise<string[]> {
  const whole = join(folder, `${name}.png`);
  const alone = join(folder, `${name}-panel.png`);
  await tools.screenshot(whole);
  await panel.screenshot(alone);
  return [whole, alone];
}
