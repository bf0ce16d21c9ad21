/**
 * `npm run shots`: renders every state in both themes at three widths into `out/shots`, and the README's pictures
 * into `docs/pictures`.
 *
 * Arguments name states; none means all.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { chromium, type Page } from "playwright";
import { findChromium } from "../../../scripts/machine/chromium.ts";
import { NAMES, type StateName } from "./names.ts";
import { serveHarness } from "./server.ts";

const ROOT = new URL("../../../", import.meta.url).pathname;
const WIDTHS = [
  { name: "wide", width: 1180, height: 420 },
  { name: "middle", width: 760, height: 480 },
  { name: "narrow", width: 420, height: 640 },
] as const;

/** The pictures that the README and the docs show, and that are kept in the repository. */
const KEPT: readonly { state: StateName; theme: "light" | "dark"; file: string }[] = [
  { state: "login", theme: "light", file: "panel-light.png" },
  { state: "editing", theme: "dark", file: "panel-dark.png" },
];

const harness = await serveHarness();
const executablePath = await findChromium();
const browser = await chromium.launch({
  ...(executablePath === null ? {} : { executablePath }),
  args: ["--no-sandbox"],
});
try {
  const wanted = process.argv.slice(2);
  const states = wanted.length === 0 ? NAMES : NAMES.filter((name) => wanted.includes(name));
  const page = await browser.newPage();
  for (const { name, width, height } of WIDTHS) {
    await mkdir(join(ROOT, "out", "shots", name), { recursive: true });
    await page.setViewportSize({ width, height });
    for (const state of states) {
      for (const theme of ["light", "dark"] as const) {
        await shoot(page, { state, theme, path: join(ROOT, "out", "shots", name, `${state}-${theme}.png`) });
      }
    }
  }
  await mkdir(join(ROOT, "docs", "pictures"), { recursive: true });
  await page.setViewportSize({ width: 1180, height: 360 });
  for (const { state, theme, file } of KEPT) {
    if (states.includes(state))
      await shoot(page, { state, theme, path: join(ROOT, "docs", "pictures", file) });
  }
  console.log(`${states.length} states in both themes at ${WIDTHS.length} widths are in out/shots.`);
} finally {
  await browser.close();
  await harness.close();
}

async function shoot(page: Page, shot: { state: StateName; theme: string; path: string }): Promise<void> {
  await page.goto(harness.url(shot.state, { theme: shot.theme }));
  await page.locator("html[data-ready]").waitFor({ state: "attached" });
  await page.screenshot({ path: shot.path, animations: "disabled" });
}
