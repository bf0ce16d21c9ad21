/** Cookies that may carry a session and are not recognised: counted, offered, and watched by name. */
import { expect } from "@playwright/test";
import { expectText, readCookies, SHOWN_MS } from "../panel.ts";
import type { Scenario } from "../scenario.ts";

export const candidates: readonly Scenario[] = [
  {
    name: "an unknown cookie that is named like a session cookie is offered, and can be watched",
    async run(stage) {
      const { url } = await stage.startSite("tests/e2e/sites/candidates.ts");
      const page = await stage.newPage();
      await page.goto(url);
      const panel = await (await page.openTools()).showPanel();
      const cookies = { role: "region", name: "Cookies" } as const;
      const said = async () => (await panel.texts(cookies)).join("\n");

      await page.goto(`${url}/sidebar`);
      await expect.poll(said, { timeout: SHOWN_MS }).toMatch(/No session yet/);

      await page.goto(`${url}/refused`);
      await expect.poll(said, { timeout: SHOWN_MS }).toMatch(/A response set what may be a session cookie/);
      expect(await said()).toMatch(/does not list app_sid/);
      expect(await said()).not.toMatch(/No session yet/);

      await page.goto(`${url}/login`);
      await expectText(panel, /1 cookie may carry a session\s*session-flash__session/);
      expect(await said()).not.toMatch(/No session yet|sidebar/);
      await panel.click({ role: "button", name: "Watch it", within: cookies });
      await expect
        .poll(() => readCookies(panel), { timeout: SHOWN_MS })
        .toEqual([expect.stringMatching(/^session-flash__session/)]);
    },
  },
];
