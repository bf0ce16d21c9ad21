/** Private windows and containers have separate cookie jars. Each panel shows only its own jar. */
import { expect } from "@playwright/test";
import type { SitePage } from "../driver.ts";
import { expectContents, expectRows, readContents, readCookies, SHOWN_MS } from "../panel.ts";
import type { Scenario, Stage } from "../scenario.ts";
import { logIn } from "../scenarios/story.ts";
import { asFirefox } from "./browser.ts";

const places = {
  "a private window": (stage: Stage) => asFirefox(stage.driver).newPrivatePage(),
  "a container": (stage: Stage) => asFirefox(stage.driver).newContainerPage(2),
};

export const jars: readonly Scenario[] = Object.entries(places).flatMap(([place, openPage]): Scenario[] => [
  {
    name: `${place} never shows the cookies of the ordinary jar`,
    only: "firefox",
    async run(stage) {
      const ordinary = await stage.open();
      await logIn(ordinary.page);
      await expectContents(ordinary.panel, /username:? "?john_doe/);

      const { panel, page } = await openPanel(stage, openPage);
      await expectRows(panel, /GET \/ 200/);
      await logIn(page, { username: "jane_roe" });
      await expectContents(panel, /username:? "?jane_roe/);
      expect(await readContents(panel)).not.toContain("john_doe");
      await expectOneSession(panel);

      await ordinary.page.show();
      await expectOneSession(ordinary.panel);
      await expectContents(ordinary.panel, /username:? "?john_doe/);
      expect((await readContents(ordinary.panel)).join()).not.toContain("jane_roe");
    },
  },
  {
    name: `a session that exists only in the ordinary jar is not shown in ${place}`,
    only: "firefox",
    async run(stage) {
      const ordinary = await stage.open();
      await logIn(ordinary.page);
      await expectContents(ordinary.panel, /username:? "?john_doe/);
      const { panel } = await openPanel(stage, openPage, "/no/such/page");
      await expectRows(panel, /GET \/no\/such\/page 404/);
      expect((await readCookies(panel)).join()).not.toContain("sessionid");
      expect(await panel.evaluate(() => document.body.innerText, null)).not.toMatch(/john_doe|123/);
    },
  },
]);

async function openPanel(stage: Stage, openPage: (stage: Stage) => Promise<SitePage>, path = "/") {
  const page = await openPage(stage);
  stage.later(() => page.close());
  await page.goto(stage.site.url + path);
  const tools = await page.openTools();
  const panel = await tools.showPanel();
  await page.reload();
  return { page, panel };
}

async function expectOneSession(panel: Parameters<typeof readCookies>[0]): Promise<void> {
  const sessions = async () => (await readCookies(panel)).filter((row) => row.includes("sessionid")).length;
  await expect.poll(sessions, { timeout: SHOWN_MS }).toBe(1);
}
