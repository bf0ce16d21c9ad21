/** Auth.js on Next.js: the example in `next dev`, next-auth 4, sessions in a database, and production. */
import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "@playwright/test";
import type { Surface } from "../../e2e/driver.ts";
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
import { makeAuthDatabase } from "../auth-js/auth-database.ts";
import { startNextDev, startNextProduction } from "../next-app.ts";
import { openApp } from "../open-app.ts";

const EXAMPLE = "examples/next-auth";
const COOKIE = "authjs.session-token";
const SECRET = "known to everyone, so good for these tests only";
const MONTH = 30 * 24 * 3600;

/** Those of `npm test`. */
export const SMALL: Scenario[] = [
  {
    name: "the example shows its login with the line that wrote it, a countdown, no edit and why, and the logout",
    async run(stage) {
      const { page, panel } = await openApp(stage, await startNextDev(EXAMPLE), /Hello\./);
      await page.click({ role: "button", name: "Log in" });
      await expectPage(page, /Hello, john_doe/);
      await expectRows(panel, /POST \/ 200.*\+name.*\+sub.*123/);
      await panel.click({ role: "row", text: "+sub", within: PARTS.requests });
      await panel.click({ role: "tab", name: "Changes" });
      await expectText(panel, /sub\s+–\s+"123"/);
      await expectText(panel, /auth\.ts:13/);
      await panel.click({ role: "button", name: "Now" });
      await panel.click({ role: "tab", name: "Contents" });
      await expectContents(panel, /name: "john_doe"[\s\S]*sub: "123"/);
      await expectMonth(panel, COOKIE);
      await expectReadOnly(panel, "Auth.js", "name");

      await page.click({ role: "button", name: "Make it dark" });
      await expectRows(panel, /POST \/ 200.*\+theme/);
      await expectContents(panel, /theme: "dark"/);
      await page.click({ role: "button", name: "Log out" });
      await expectPage(page, /Hello\./);
      await expectRows(panel, /POST \/ .*flushed/);
    },
  },
];

/** Those of `npm run test:field`. */
export const LARGE: Scenario[] = [
  {
    name: "next-auth 4 shows its login, a countdown, and the logout on the library's own pages",
    async run(stage) {
      const env = { NEXTAUTH_SECRET: SECRET, AUTH_TRUST_HOST: "true" };
      const app = await startNextDev(EXAMPLE, { env, prepare: withFiles("next-auth-4") });
      const { page, panel } = await openApp(stage, app, /Hello\./);
      await page.goto(`${app.url}/api/auth/signin?callbackUrl=/`);
      await page.click({ role: "button", name: "Sign in with Shop" });
      await expectPage(page, /Hello, john_doe/);
      await expectRows(panel, /POST \/api\/auth\/callback\/credentials 302 \+name.*\+sub.*123/);
      await expectContents(panel, /name: "john_doe"[\s\S]*sub: "123"[\s\S]*role: "buyer"/);
      await expectMonth(panel, "next-auth.session-token");
      await page.goto(`${app.url}/api/auth/signout?callbackUrl=/`);
      await page.click({ role: "button", name: "Sign out" });
      await expectPage(page, /Hello\./);
      await expectRows(panel, /POST \/api\/auth\/signout .*flushed/);
    },
  },
  {
    name: "sessions in PostgreSQL: login with its user, a countdown, a flush that logs out",
    async run(stage) {
      const database = await makeAuthDatabase();
      stage.later(database.remove);
      const env = { DATABASE_URL: database.address };
      const prepare = withFiles("next-auth-database");
      const app = await startNextDev(EXAMPLE, { env, prepare });
      const { page, panel } = await openApp(stage, app, /Hello\./);
      await page.click({ role: "button", name: "Log in" });
      const readLink = () =>
        page.evaluate((url) => fetch(url).then((answer) => answer.text()), `${app.url}/link`);
      await expect.poll(readLink, { timeout: SHOWN_MS }).not.toBe("");
      await page.goto(await readLink());
      await expectPage(page, /Hello, john_doe/);
      await expectRows(panel, /callback\/link.* 302 \+userId \+user/);
      await expectContents(panel, /userId: 123[\s\S]*name: "john_doe"/);
      await expectMonth(panel, COOKIE);
      await panel.click({ role: "button", name: "Flush session" });
      await page.reload();
      await expectPage(page, /Hello\./);
    },
  },
  ...[EXAMPLE, "next-auth-4"].map(
    (app): Scenario => ({
      name: `${app} in production has no bridge, and logs in and out as before`,
      async run(stage) {
        const env = { AUTH_SECRET: SECRET, NEXTAUTH_SECRET: SECRET, AUTH_TRUST_HOST: "true" };
        const isFour = app !== EXAMPLE;
        const prepare = isFour ? withFiles("next-auth-4") : async () => {};
        const running = await startNextProduction(EXAMPLE, { env, prepare });
        const { page, panel } = await openApp(stage, running, /Hello\./);
        if (isFour) await page.goto(`${running.url}/api/auth/signin?callbackUrl=/`);
        await page.click({ role: "button", name: isFour ? "Sign in with Shop" : "Log in" });
        await expectPage(page, /Hello, john_doe/);
        await expectText(panel, /No bridge answers at/);
        expect(await panel.texts({ role: "row", name: "sub", within: PARTS.contents })).toEqual([]);
        if (isFour) await page.goto(`${running.url}/api/auth/signout?callbackUrl=/`);
        await page.click({ role: "button", name: isFour ? "Sign out" : "Log out" });
        await expectPage(page, /Hello\./);
      },
    }),
  ),
];

/** Puts the files of another app over the example's. */
function withFiles(app: string): (folder: string) => Promise<void> {
  return async (folder) => {
    await rm(join(folder, "actions.ts"));
    await cp(join(APPS, app), folder, { recursive: true });
  };
}

async function expectMonth(panel: Surface, cookie: string): Promise<void> {
  await expect.poll(() => readSecondsLeft(panel, cookie), { timeout: SHOWN_MS }).toBeGreaterThan(MONTH - 600);
  expect(await readSecondsLeft(panel, cookie)).toBeLessThanOrEqual(MONTH + 1);
}
