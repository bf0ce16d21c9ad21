/** What the panel says when something is missing, and what still works meanwhile. */
import { randomBytes } from "node:crypto";
import { expect } from "@playwright/test";
import {
  expectContents,
  expectRows,
  expectText,
  readCookies,
  readSecondsLeft,
  readText,
  SHOWN_MS,
} from "../panel.ts";
import type { Scenario, Stage } from "../scenario.ts";
import { logIn } from "./story.ts";

const DEMO = "examples/express/server.ts";

export const notices: readonly Scenario[] = [
  {
    name: "without a bridge the panel says how to add one, and still shows cookies and requests",
    async run(stage) {
      const { page, panel } = await openOn(stage, DEMO, { NODE_ENV: "production" });
      await logIn(page);
      await expectText(panel, /See what your session holds/);
      await expectText(panel, /openBridge\(sessions\)/);
      await expectRows(panel, /POST \/login 302/);
      await expect
        .poll(() => readSecondsLeft(panel, "sessionid"), { timeout: SHOWN_MS })
        .toBeGreaterThan(3500);
    },
  },
  {
    name: "without a bridge the demo can be tried, and closing it brings the tab's own rows back",
    async run(stage) {
      const { page, panel } = await openOn(stage, DEMO, { NODE_ENV: "production" });
      await logIn(page);
      await expectText(panel, /The server says that it is Express/);
      await panel.click({ role: "button", name: "JavaScript", exact: true });
      await expectText(panel, /require\("session-bridge\/bridge"\)/);
      await panel.click({ role: "button", name: "Try it with a demo session" });
      await expectText(panel, /Demo: invented data/);
      await expectRows(panel, /POST \/login 302/, /POST \/cart 303/);
      await page.evaluate(async () => {
        await fetch("/meanwhile");
        return null;
      }, null);
      await panel.click({ role: "button", name: "Close demo" });
      await expectText(panel, /See what your session holds/);
      await expectRows(panel, /POST \/login 302/, /GET \/meanwhile 404/);
      expect(await readText(panel)).not.toMatch(/Demo: invented data|\/cart/);
      expect((await readCookies(panel)).join()).not.toContain("demo");
    },
  },
  {
    name: "before there is a session a notice says that one will appear, and then it does",
    async run(stage) {
      const { page, panel } = await openOn(stage, "tests/e2e/sites/guarded.ts");
      await expectText(panel, /No session yet/);
      expect(await readCookies(panel)).toEqual([]);
      await page.evaluate(async () => {
        await fetch("/login", { method: "POST" });
        return null;
      }, null);
      await expectContents(panel, /user_id ?: ?123/);
      await expect.poll(() => readCookies(panel), { timeout: SHOWN_MS }).toHaveLength(1);
    },
  },
  {
    name: "the panel says that the bridge requires a token",
    async run(stage) {
      const token = randomBytes(32).toString("base64url");
      const { page, panel } = await openOn(stage, DEMO, { SESSION_BRIDGE_TOKEN: token });
      await logIn(page);
      await expectText(panel, /The server refused the panel/);
      await expectText(panel, /token/i);
      await expectRows(panel, /POST \/login 302/);
    },
  },
  {
    name: "a bridge of another version is reported with both versions and the remedy",
    async run(stage) {
      const { panel } = await openOn(stage, "tests/e2e/sites/newer.ts");
      await expectText(panel, /Panel and bridge speak different versions/);
      await expectText(panel, /version 1, the bridge 99/);
    },
  },
];

async function openOn(stage: Stage, entry: string, env: Record<string, string> = {}) {
  const site = await stage.startSite(entry, env);
  const page = await stage.newPage();
  await page.goto(site.url);
  const tools = await page.openTools();
  return { page, panel: await tools.showPanel() };
}
