/** iron-session on Next.js: the example in `next dev`, and what is left of the bridge in production. */
import { cp } from "node:fs/promises";
import { join } from "node:path";
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
import { expectReadOnly } from "../../e2e/panel-acts.ts";
import type { Scenario } from "../../e2e/scenario.ts";
import { APPS } from "../app-copy.ts";
import { startNextDev, startNextProduction } from "../next-app.ts";
import { openApp } from "../open-app.ts";

const EXAMPLE = "examples/next-iron-session";
const COOKIE = "shop-session";

/** iron-session's default of fourteen days, less the minute by which the cookie ends earlier. */
const SECONDS = 14 * 24 * 3600 - 60;

/** Those of `npm test`. */
export const SMALL: Scenario[] = [
  {
    name: "the example shows its login with the line that wrote it, a countdown, no edit and why, and the logout",
    inField: ["firefox"],
    async run(stage) {
      const { page, panel } = await openApp(stage, await startNextDev(EXAMPLE), /Hello\./);
      await page.click({ role: "button", name: "Log in" });
      await expectPage(page, /Hello, user 123/);
      await expectRows(panel, /POST \/ 200.*\+userId.*123/);
      await panel.click({ role: "row", text: "+userId", within: PARTS.requests });
      await panel.click({ role: "tab", name: "Changes" });
      await expectText(panel, /userId\s+actions\.ts:7\s+–\s+123/);
      await panel.click({ role: "button", name: "Now" });
      await panel.click({ role: "tab", name: "Contents" });
      await expectContents(panel, /userId: 123/);
      await expect.poll(() => readSecondsLeft(panel, COOKIE), { timeout: SHOWN_MS }).toBeGreaterThan(0);
      expect(Math.abs(((await readSecondsLeft(panel, COOKIE)) ?? 0) - SECONDS)).toBeLessThan(120);
      await expectReadOnly(panel, "iron-session", "userId");

      await page.click({ role: "button", name: "Add tea" });
      await expectPage(page, /Cart: tea/);
      await expectRows(panel, /POST \/ 200.*\+cart/);
      await page.click({ role: "button", name: "Log out" });
      await expectPage(page, /Hello\./);
      await expectRows(panel, /POST \/ .*flushed/);
    },
  },
];

/** Those of `npm run test:field`. */
export const LARGE: Scenario[] = [
  {
    name: "a session of more than 4 KiB, which is in two cookies, is shown whole, and again when it is short",
    async run(stage) {
      const prepare = (folder: string) => cp(join(APPS, "next-iron"), folder, { recursive: true });
      const { page, panel } = await openApp(stage, await startNextDev(EXAMPLE, { prepare }), /Hello\./);
      await page.click({ role: "button", name: "Log in" });
      await expectContents(panel, /userId: 123/);
      await post(page, "/big?length=5000");
      await expectRows(panel, /POST \/big\S* 200.*\+note/);
      await expectContents(panel, /userId: 123\b.*\n.*note: "n{20}/);
      await post(page, "/big?length=0");
      await expectRows(panel, /POST \/big\S* 200.*−note/);
      await expect.poll(() => panel.texts({ role: "row", name: "note", within: PARTS.contents })).toEqual([]);
      await expectContents(panel, /userId: 123/);
    },
  },
  {
    name: "the example in production has no bridge, and logs in and out as before",
    async run(stage) {
      const { page, panel } = await openApp(stage, await startNextProduction(EXAMPLE), /Hello\./);
      await page.click({ role: "button", name: "Log in" });
      await expectPage(page, /Hello, user 123/);
      await expectText(panel, /No bridge answers at/);
      expect(await panel.texts({ role: "row", name: "userId", within: PARTS.contents })).toEqual([]);
      await page.click({ role: "button", name: "Log out" });
      await expectPage(page, /Hello\./);
    },
  },
];

async function post(page: SitePage, path: string): Promise<void> {
  await page.evaluate((to) => fetch(to, { method: "POST" }).then(({ status }) => status), path);
}
