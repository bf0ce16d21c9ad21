/** Pictures of the real Toolbox with the panel, in both themes and docked at both sides, for people to look at. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "@playwright/test";
import { ROOT } from "../../../scripts/machine/program.ts";
import { expectContents, expectRows } from "../panel.ts";
import type { Scenario } from "../scenario.ts";
import { addToCart, logIn } from "../scenarios/story.ts";
import { asFirefox } from "./browser.ts";

const FOLDER = join(ROOT, "out", "firefox");

export const pictures: readonly Scenario[] = (["light", "dark"] as const).map((theme) => ({
  name: `the panel uses the Toolbox's ${theme} theme, docked at the bottom and at the right`,
  only: "firefox",
  async run({ open, driver, later }) {
    const firefox = asFirefox(driver);
    later(() => firefox.setTheme("light"));
    await firefox.setTheme(theme);
    const { page, tools } = await open();
    await logIn(page);
    await addToCart(page, "tea");
    await addToCart(page, "cake");
    mkdirSync(FOLDER, { recursive: true });
    for (const where of ["bottom", "right"] as const) {
      await tools.dock(where);
      const panel = await tools.showPanel();
      await expectRows(panel, /POST \/login/, /POST \/cart/);
      await expectContents(panel, /user_id/);
      const scheme = await panel.evaluate(() => getComputedStyle(document.body).backgroundColor, null);
      expect(isDark(scheme)).toBe(theme === "dark");
      await tools.screenshot(join(FOLDER, `${theme}-${where}.png`));
    }
  },
}));

function isDark(colour: string): boolean {
  const [red = 255, green = 255, blue = 255] = (colour.match(/\d+/g) ?? []).map(Number);
  return red + green + blue < 3 * 128;
}
