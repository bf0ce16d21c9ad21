/** The example on SvelteKit, with its own table: in `vite dev`, and what is left of the bridge in production. */
import { expect } from "@playwright/test";
import type { SitePage } from "../../e2e/driver.ts";
import {
  expectContents,
  expectPage,
  expectRows,
  expectText,
  PARTS,
  readSecondsLeft,
  SHOWN_MS,
} from "../../e2e/panel.ts";
import { retype } from "../../e2e/panel-acts.ts";
import type { Scenario } from "../../e2e/scenario.ts";
import { openApp } from "../open-app.ts";
import { startSvelteDev, startSvelteProduction } from "../svelte-app.ts";

const COOKIE = "session";
const WEEK_SECONDS = 604_800;

/** Those of `npm test`. */
export const SMALL: Scenario[] = [
  {
    name: "the example shows its login with user and id, a countdown, an edit that the app uses, and the logout",
    inField: ["firefox"],
    async run(stage) {
      const { page, panel } = await openApp(stage, await startSvelteDev(), /Log in as/);
      await logIn(page);
      await expectRows(panel, /POST \/.*303.*\+user_id.*123/);
      await expectContents(panel, /user_id: 123[\s\S]*username: "john_doe"/);
      await expect.poll(() => readSecondsLeft(panel, COOKIE), { timeout: SHOWN_MS }).toBeGreaterThan(0);
      expect(Math.abs(((await readSecondsLeft(panel, COOKIE)) ?? 0) - WEEK_SECONDS)).toBeLessThan(120);

      await page.click({ role: "button", name: "Make it dark" });
      await expectPage(page, /Theme: dark/);
      await expectRows(panel, /POST \/.*303.*theme.*dark/);
      await retype(panel, "theme", '"blue"');
      await expectContents(panel, /theme: "blue"/);
      await page.goto(await page.url());
      await expectPage(page, /Theme: blue/);

      await page.click({ role: "button", name: "Log out" });
      await expectPage(page, /Log in as/);
      await expectRows(panel, /POST \/.*303.*flushed/);
    },
  },
];

/** Those of `npm run test:field`. */
export const LARGE: Scenario[] = [
  {
    name: "the example in production has no bridge, and logs in and out as before",
    async run(stage) {
      const { page, panel } = await openApp(stage, await startSvelteProduction(), /Log in as/);
      await logIn(page);
      await expectText(panel, /No bridge answers at/);
      expect(await panel.texts({ role: "row", name: "user_id", within: PARTS.contents })).toEqual([]);
      await page.click({ role: "button", name: "Log out" });
      await expectPage(page, /Log in as/);
    },
  },
];

async function logIn(page: SitePage): Promise<void> {
  await page.click({ role: "button", name: "Log in as john_doe" });
  await expectPage(page, /You are john_doe \(123\)/);
}
