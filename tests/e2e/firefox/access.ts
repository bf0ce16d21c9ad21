/** Access to hosts: in Firefox a panel cannot request any, so the user grants and withdraws it on the options page. */
import { expect } from "@playwright/test";
import { expectRows, expectText, readCookies, SHOWN_MS } from "../panel.ts";
import type { Scenario } from "../scenario.ts";
import { addToCart, logIn } from "../scenarios/story.ts";
import { asFirefox } from "./browser.ts";

const NOTICE = /Let the panel read this site's cookies/i;

export const access: readonly Scenario[] = [
  {
    name: "withdrawn access shows a notice, and the options page grants it again",
    only: "firefox",
    async run({ open, driver, later }) {
      const firefox = asFirefox(driver);
      const { page, panel } = await open();
      await logIn(page);
      await expectRows(panel, /POST \/login.*\+user_id/);
      later(() => driver.setAccess("localhost", true));
      await driver.setAccess("localhost", false);
      await expectText(panel, NOTICE);
      expect((await readCookies(panel)).join()).not.toContain("sessionid");
      await expectRows(panel, /POST \/login/);

      await panel.click({ role: "button", name: "Allow on this site" });
      const options = firefox.extensionTab("options.html");
      await options.click({ role: "button", name: "Allow on localhost" });
      await firefox.answerPermissionPrompt("allow");
      await expectText(options, /may now read \*:\/\/localhost\/\*/);
      await options.click({ role: "button", name: "Back to the inspected tab" });

      await expect
        .poll(async () => (await readCookies(panel)).join(), { timeout: SHOWN_MS })
        .toContain("sessionid");
      await addToCart(page, "tea");
      await expectRows(panel, /POST \/login.*\+user_id/, /POST \/cart.*\+cart/);
    },
  },
  {
    name: "access that the user refuses on the options page changes nothing, and the page says so",
    only: "firefox",
    async run({ open, driver, later }) {
      const firefox = asFirefox(driver);
      const { panel } = await open();
      later(() => driver.setAccess("localhost", true));
      await driver.setAccess("localhost", false);
      await expectText(panel, NOTICE);
      await panel.click({ role: "button", name: "Allow on this site" });
      const options = firefox.extensionTab("options.html");
      await options.click({ role: "button", name: "Allow on localhost" });
      await firefox.answerPermissionPrompt("deny");
      await expectText(options, /Nothing changed/);
      await options.click({ role: "button", name: "Back to the inspected tab" });
      await expectText(panel, NOTICE);
    },
  },
  {
    name: "access withdrawn on the options page is lost in the panel immediately",
    only: "firefox",
    async run({ open, driver, later }) {
      const firefox = asFirefox(driver);
      const { page, panel } = await open();
      await logIn(page);
      await expectRows(panel, /POST \/login/);
      later(() => driver.setAccess("localhost", true));
      await driver.setAccess("localhost", false);
      await panel.click({ role: "button", name: "Allow on this site" });
      const options = firefox.extensionTab("options.html");
      await options.click({ role: "button", name: "Allow on localhost" });
      await firefox.answerPermissionPrompt("allow");
      await expect
        .poll(async () => (await readCookies(panel)).join(), { timeout: SHOWN_MS })
        .toContain("sessionid");
      await options.click({ role: "button", name: "Withdraw *://localhost/*" });
      await expectText(options, /may no longer read/);
      await expectText(panel, NOTICE);
      await options.click({ role: "button", name: "Back to the inspected tab" });
    },
  },
];
