/** Better Auth on Express, Hono and Next.js: the example, and a session that is gone and still accepted from a cookie. */
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "@playwright/test";
import { ROOT } from "../../../scripts/machine/program.ts";
import type { SitePage, Surface } from "../../e2e/driver.ts";
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
import type { Scenario, Stage } from "../../e2e/scenario.ts";
import { startNextDev } from "../next-app.ts";
import { startNodeApp } from "../node-app.ts";
import { openApp } from "../open-app.ts";

const EXPRESS = "examples/better-auth";
const HONO = "tests/apps/better-auth-hono";
const COOKIE = "better-auth.session_token";

/** Better Auth's default. */
const WEEK_SECONDS = 7 * 24 * 3600;

/** Those of `npm test`. */
export const SMALL: Scenario[] = [shows("the example on Express", EXPRESS)];

/** Those of `npm run test:field`. */
export const LARGE: Scenario[] = [
  shows("the same app on Hono", HONO),
  {
    name: "a session that another device has ended is gone, and the tab says until when the copy in a cookie is accepted",
    async run(stage) {
      const { page, panel, url } = await open(stage, EXPRESS, { COPIES: "true" });
      await logIn(page, panel);
      const other = await fetch(`${url}/login`, { method: "POST", redirect: "manual" });
      const cookie = other.headers.getSetCookie().map((line) => line.split(";")[0]);
      await fetch(`${url}/logout-others`, {
        method: "POST",
        headers: { cookie: cookie.join("; ") },
        redirect: "manual",
      });
      await page.reload();
      await expectPage(page, /Hello, john_doe/); // the app does not know yet
      await expectText(panel, /Gone on the server, still accepted from the cookie for \d min/);
      await expectRows(panel, /GET \/ 200/);
    },
  },
  {
    name: "on Next.js: a login and a logout by server actions, and a page that reads the session",
    async run(stage) {
      const { page, panel } = await openApp(
        stage,
        await startNextDev("tests/apps/next-better-auth"),
        /Hello\./,
      );
      await page.click({ role: "button", name: "Log in" });
      await expectPage(page, /Hello, john_doe/);
      await expectRows(panel, /POST \/ (200|303).*\+userId.*123/);
      await expectContents(panel, /userId: "123"[\s\S]*user:/);
      await page.reload();
      await expectRows(panel, /GET \/ 200.*loaded.*123/);
      await page.click({ role: "button", name: "Log out" });
      await expectPage(page, /Hello\./);
      await expectRows(panel, /POST \/ .*flushed/);
    },
  },
  {
    name: "the example in production has no bridge, and logs in as before",
    async run(stage) {
      const { page, panel } = await open(stage, EXPRESS, { NODE_ENV: "production" });
      await page.click({ role: "button", name: "Log in" });
      await expectPage(page, /Hello, john_doe/);
      await expectText(panel, /No bridge answers at/);
      expect(await panel.texts({ role: "row", name: "userId", within: PARTS.contents })).toEqual([]);
    },
  },
];

function shows(what: string, app: string): Scenario {
  return {
    name: `${what}: login with user and id, countdown, an edit of a field, and the logout`,
    async run(stage) {
      const { page, panel } = await open(stage, app);
      await logIn(page, panel);
      const left = (await readSecondsLeft(panel, COOKIE)) ?? 0;
      expect(Math.abs(left - WEEK_SECONDS)).toBeLessThan(120);
      await page.click({ role: "button", name: "Add tea" });
      await expectPage(page, /Cart: tea/);
      await expectRows(panel, /POST \/cart 302.*cart/);
      await expectContents(panel, /cart: "tea"/);
      await retype(panel, "cart", '"cake"');
      await expectContents(panel, /cart: "cake"/);
      await page.reload();
      await expectPage(page, /Cart: cake/);
      await page.click({ role: "button", name: "Log out" });
      await expectPage(page, /Hello\./);
      await expectRows(panel, /POST \/logout 302.*flushed/);
    },
  };
}

async function logIn(page: SitePage, panel: Surface): Promise<void> {
  await page.click({ role: "button", name: "Log in" });
  await expectPage(page, /Hello, john_doe/);
  await expectRows(panel, /POST \/login 302.*\+userId.*123/);
  await expectContents(panel, /userId: "123"[\s\S]*user:/);
  await expect.poll(() => readSecondsLeft(panel, COOKIE), { timeout: SHOWN_MS }).toBeGreaterThan(0);
}

async function open(stage: Stage, example: string, env: Record<string, string> = {}) {
  const auth = (folder: string) => cp(join(ROOT, EXPRESS, "auth.js"), join(folder, "auth.js"));
  return openApp(stage, await startNodeApp(example, { env, prepare: auth }), /Hello\./);
}
