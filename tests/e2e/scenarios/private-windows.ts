/** Private windows, which have a separate cookie jar: the panel works there, and each panel shows and changes only its own jar. */
import { expect } from "@playwright/test";
import type { BrowserCookie, BrowserDriver, SitePage, Surface } from "../driver.ts";
import {
  expectContents,
  expectPage,
  expectRows,
  expectText,
  readContents,
  readSecondsLeft,
  SHOWN_MS,
} from "../panel.ts";
import { restoreClosed, retype, simulateClose } from "../panel-acts.ts";
import type { Scenario, Stage } from "../scenario.ts";
import { logIn } from "./story.ts";

export const privateWindows: readonly Scenario[] = [
  {
    name: "a private window has rows, a countdown, edits and undo, and leaves the ordinary jar as it is",
    async run(stage) {
      const { ordinary, secret, jar } = await openBoth(stage, "after an hour");
      const before = await jar();
      const { page, panel } = secret;
      await expectRows(panel, /GET \/ 200/, /POST \/login 302 .*\+user_id/);
      await expectContents(panel, /username: "jane_roe"/);
      await expect
        .poll(() => readSecondsLeft(panel, "sessionid"), { timeout: SHOWN_MS })
        .toBeGreaterThan(3500);

      await retype(panel, "username", '"jane"');
      await expectRows(panel, /changed in this panel.*~username/);
      await page.reload();
      await expectPage(page, /Hello, jane\./);
      await panel.click({ role: "button", name: "Undo" });
      await expectContents(panel, /username: "jane_roe"/);
      await panel.click({ role: "button", name: "Flush session" });
      await expectRows(panel, /changed in this panel.*flushed/);
      await page.reload();
      await expectPage(page, /Log in/);

      expect(await panel.evaluate(() => document.documentElement.outerHTML, null)).not.toMatch(
        /john_doe|\b123\b/,
      );
      expect(await jar()).toEqual(before);
      await ordinary.page.reload();
      await expectPage(ordinary.page, /Hello, john_doe/);
      expect((await readContents(ordinary.panel)).join()).not.toMatch(/jane/);
    },
  },
  {
    name: "closing the browser, simulated in a private window, logs out only there, and in an ordinary one only there",
    async run(stage) {
      const { ordinary, secret, jar } = await openBoth(stage, "with the browser");
      const before = await jar();
      await simulateClose(secret.panel);
      await expectText(secret.panel, /still accepts the old cookie/);
      await expectPage(secret.page, /Log in/);
      expect(await jar()).toEqual(before);
      await restoreClosed(secret.panel);
      await expectPage(secret.page, /Hello, jane_roe/);
      expect(await jar()).toEqual(before);

      await ordinary.page.show();
      await simulateClose(ordinary.panel);
      await expectText(ordinary.panel, /still accepts the old cookie/);
      await expectPage(ordinary.page, /Log in/);
      await secret.page.reload();
      await expectPage(secret.page, /Hello, jane_roe/);
    },
  },
];

interface Place {
  page: SitePage;
  panel: Surface;
}

/** A browser with a private window, in which jane_roe is logged in, and an ordinary one with john_doe; each with the panel. */
async function openBoth(stage: Stage, ends: "after an hour" | "with the browser") {
  const driver = await stage.startBrowser();
  // First, because allowing private windows may close the extension's pages.
  const hidden = await driver.newPrivatePage();
  const ordinary = await openOn(await driver.newPage(), stage.site.url);
  await logIn(ordinary.page, { ends });
  await expectContents(ordinary.panel, /username: "john_doe"/);
  const secret = await openOn(hidden, stage.site.url);
  await secret.page.reload();
  await logIn(secret.page, { username: "jane_roe", ends });
  await expectContents(secret.panel, /username: "jane_roe"/);
  return { ordinary, secret, jar: () => readJar(driver, stage.site.url) };
}

async function openOn(page: SitePage, url: string): Promise<Place> {
  await page.goto(url);
  const tools = await page.openTools();
  return { page, panel: await tools.showPanel() };
}

async function readJar(driver: BrowserDriver, url: string): Promise<BrowserCookie[]> {
  const cookies = await driver.cookies(url);
  expect(cookies.map(({ name }) => name)).toContain("sessionid");
  return cookies;
}
