/** The demo's story, taken without anyone watching: log in, fill the cart, log out; told as text and pictures. */
import { mkdir } from "node:fs/promises";
import { join, relative } from "node:path";
import type { BrowserDriver, SitePage, Surface, Tools } from "../../tests/e2e/driver.ts";
import { Failure } from "../machine/failure.ts";
import { ROOT } from "../machine/program.ts";
import type { Site } from "../machine/site.ts";

/** A step of the tour: what is done, and what the timeline must then show. */
interface Step {
  title: string;
  picture: string;
  act(page: SitePage): Promise<void>;
  shows: RegExp;
}

const STEPS: readonly Step[] = [
  {
    title: "Log in as john_doe",
    picture: "1-logged-in",
    act: (page) => page.click({ role: "button", name: "Log in" }),
    shows: /POST \/login .*\+user_id/,
  },
  {
    title: "Put tea into the cart, twice",
    picture: "2-cart",
    async act(page) {
      await page.click({ role: "button", name: "Add tea" });
      await page.click({ role: "button", name: "Add tea" });
    },
    shows: /POST \/cart .*~cart/,
  },
  {
    title: "Log out",
    picture: "3-logged-out",
    act: (page) => page.click({ role: "button", name: "Log out" }),
    shows: /POST \/logout .*flushed/,
  },
];

const SHOWN_MS = 20_000;

/** Takes the tour, prints the timeline that the panel shows, writes pictures to `out/tour/`. Gives the exit code. */
export async function takeTour(driver: BrowserDriver, site: Site): Promise<number> {
  const folder = join(ROOT, "out", "tour", driver.name);
  await mkdir(folder, { recursive: true });
  const page = await driver.newPage();
  await page.goto(site.url);
  const tools = await page.openTools();
  const panel = await tools.showPanel();
  const pictures: string[] = [];
  for (const step of STEPS) {
    console.log(`\n${step.title}.`);
    await step.act(page);
    await waitForRow(panel, step);
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
  let rows: string[] = [];
  for (const deadline = Date.now() + SHOWN_MS; Date.now() < deadline; ) {
    rows = await readTimeline(panel);
    if (rows.some((row) => shows.test(row))) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Failure(
    `"${title}" does not show in the Sessions tab: no row of the timeline matches ${shows}. ` +
      `It shows:\n${rows.join("\n") || "nothing"}`,
  );
}

async function takePictures(folder: string, name: string, tools: Tools, panel: Surface): Promise<string[]> {
  const whole = join(folder, `${name}.png`);
  const alone = join(folder, `${name}-panel.png`);
  await tools.screenshot(whole);
  await panel.screenshot(alone);
  return [whole, alone];
}
