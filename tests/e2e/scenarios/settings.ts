/** What the panel and the terminal say when the bridge's settings differ from the app's. */
import { expect } from "@playwright/test";
import { expectPage, expectText, PARTS, readText } from "../panel.ts";
import type { Scenario, Stage } from "../scenario.ts";

export const settings: readonly Scenario[] = [
  {
    name: "a secret that differs from the app's is reported in the panel and on the terminal, and the login still works",
    async run(stage) {
      const { panel, site } = await logIn(stage, { BRIDGE_SECRET: "the secret of another app" });
      await expectText(panel, /The bridge's secret is not the app's/);
      await expectText(
        panel,
        /Pass expressSession\(\{ secret \}\) the same secret as session\(\{ secret \}\)/,
      );
      expect(await readText(panel)).not.toMatch(/will treat it as no session/);
      expect(site.output().match(/the bridge's secret is not the app's/g)).toHaveLength(1);
      await panel.click({ role: "row", text: "/login", within: PARTS.requests });
      await expectText(
        panel,
        /The server does not show what this request did[\s\S]*it can verify\. The server says: “The bridge's secret is not the app's/,
      );
    },
  },
  {
    name: "a cookie name that differs from the app's is reported with the app's name",
    async run(stage) {
      const { panel } = await logIn(stage, { BRIDGE_NAME: "bridge.sid" });
      await expectText(panel, /the app's session cookie is "app\.sid", and the bridge reads "bridge\.sid"/);
      expect(await readText(panel)).not.toMatch(/No session yet/);
    },
  },
  {
    name: "a tampered cookie is not reported as a wrong secret: the bridge says which cookie it could not verify",
    async run(stage) {
      const { page, panel, site } = await logIn(stage, {});
      await expectText(panel, /passport/);
      await page.goto(`${site.url}/change`);
      await expectText(panel, /The bridge cannot verify this cookie/);
      expect(await readText(panel)).not.toMatch(/will treat it as no session|is not the app's/);
      expect(site.output()).not.toMatch(/is not the app's/);
    },
  },
  {
    name: "a cookie that the bridge does not read is named if it reads no other",
    async run(stage) {
      const { page, panel, site } = await open(stage, {});
      await page.goto(`${site.url}/other`);
      await expectText(panel, /The bridge reads app\.sid\. The browser sends PHPSESSID to this server/);
    },
  },
];

/** A page with the panel, before any login. */
async function open(stage: Stage, env: Record<string, string>) {
  const site = await stage.startSite("tests/e2e/sites/wrong-settings.ts", env);
  const page = await stage.newPage();
  await page.goto(`${site.url}/`);
  const panel = await (await page.openTools()).showPanel();
  await expectText(panel, /No session yet/);
  return { page, panel, site };
}

/** The same, once the visitor has logged in. */
async function logIn(stage: Stage, env: Record<string, string>) {
  const opened = await open(stage, env);
  await opened.page.goto(`${opened.site.url}/login`);
  await expectPage(opened.page, /Welcome back/);
  return opened;
}
