/**
 * `npm run shots`: renders every state in both themes at the sizes of `SIZES` into `out/shots`, and the pictures of the
 * README and the pages into `docs/pictures`.
 *
 * Arguments name states; none means all. `--docs` renders the documentation's pictures alone.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { chromium, type Page } from "playwright";
import { findChromium } from "../../../scripts/machine/chromium.ts";
import { CONNECT_NAMES, COOKIE_NAMES, DEVICES_NAMES, NAMES, type StateName } from "./names.ts";
import { fileOf, PICTURES, SCALE, SIZE } from "./pictures.ts";
import { serveHarness } from "./server.ts";
import { SIZES } from "./sizes.ts";

const ROOT = new URL("../../../", import.meta.url).pathname;

const harness = await serveHarness();
const executablePath = await findChromium();
const browser = await chromium.launch({
  ...(executablePath === null ? {} : { executablePath }),
  args: ["--no-sandbox"],
});
try {
  const asked = process.argv.slice(2);
  const names = asked.filter((each) => each !== "--docs");
  const states = [...NAMES, ...CONNECT_NAMES, ...COOKIE_NAMES, ...DEVICES_NAMES].filter(
    (name) => names.length === 0 || names.includes(name),
  );
  if (!asked.includes("--docs")) await shootStates(states);
  await shootPictures(states);
} finally {
  await browser.close();
  await harness.close();
}

async function shootStates(states: readonly StateName[]): Promise<void> {
  for (const { name, width, height, zoom } of SIZES) {
    const folder = join(ROOT, "out", "shots", name);
    await mkdir(folder, { recursive: true });
    const page = await browser.newPage({ viewport: { width, height }, deviceScaleFactor: zoom });
    for (const state of states) {
      for (const theme of ["light", "dark"] as const)
        await shoot(page, { state, theme, path: join(folder, `${state}-${theme}.png`) });
    }
    await page.close();
  }
  console.log(`${states.length} states in both themes at ${SIZES.length} sizes are in out/shots.`);
}

async function shootPictures(states: readonly StateName[]): Promise<void> {
  const folder = join(ROOT, "docs", "pictures");
  const wanted = PICTURES.filter(({ state }) => states.includes(state));
  const page = await browser.newPage({ viewport: SIZE, deviceScaleFactor: SCALE });
  await mkdir(folder, { recursive: true });
  for (const picture of wanted) await shoot(page, { ...picture, path: join(folder, fileOf(picture)) });
  console.log(`${wanted.length} pictures are in docs/pictures.`);
}

async function shoot(page: Page, shot: { state: StateName; theme: string; path: string }): Promise<void> {
  await page.goto(harness.url(shot.state, { theme: shot.theme }));
  await page.locator("html[data-ready]").waitFor({ state: "attached" });
  await page.screenshot({ path: shot.path, animations: "disabled" });
}
