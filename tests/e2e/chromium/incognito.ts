/** Incognito windows have a separate cookie jar. The panel works there, and each panel shows only its own jar. */
import { expect } from "@playwright/test";
import { expectContents, expectRows, readContents } from "../panel.ts";
import type { Scenario } from "../scenario.ts";
import { logIn } from "../scenarios/story.ts";

export const incognito: readonly Scenario[] = [
  {
    name: "an incognito tab shows its own requests and session in the panel, and nothing from the ordinary jar",
    only: "chromium",
    async run(stage) {
      const driver = await stage.startBrowser();
      const ordinary = await driver.newPage();
      await ordinary.goto(`${stage.site.url}/`);
      await logIn(ordinary);

      const page = await driver.newPrivatePage();
      await page.goto(`${stage.site.url}/`);
      const panel = await (await page.openTools()).showPanel();
      await page.reload();
      await expectRows(panel, /GET \/ 200/);
      await logIn(page, { username: "jane_roe" });
      await expectContents(panel, /username:? "?jane_roe/);
      expect((await readContents(panel)).join()).not.toContain("john_doe");
    },
  },
];
