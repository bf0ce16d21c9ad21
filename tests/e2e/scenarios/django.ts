/** An unmodified Django site with the bridge next to it: the tab shows readings. */
import { expect } from "@playwright/test";
import type { SitePage, Surface } from "../driver.ts";
import {
  expectContents,
  expectPage,
  expectRows,
  expectText,
  readContents,
  readRows,
  readSecondsLeft,
  SHOWN_MS,
} from "../panel.ts";
import { CLOSE_POPOVER, restoreClosed, retype, simulateClose } from "../panel-acts.ts";
import type { Scenario, Stage } from "../scenario.ts";
import { type DjangoSite, startDjangoSite } from "../sites/django.ts";
import { compareLogins } from "./django-logins.ts";

export const django: readonly Scenario[] = [
  {
    name: "a Django login shows its keys in the POST's row as a reading, and the cookie counts down from an hour",
    async run(stage) {
      const { page, panel } = await openDjango(stage);
      await logIn(page);
      await expectRows(panel, /POST \/login 302 .*\+user_id.*\+username.*reading/, /GET \/ 200/);
      await expectContents(panel, /user_id: 123/);
      await expectContents(panel, /username: "john_doe"/);
      const [named] = await panel.texts({ role: "note", name: "Origin" });
      expect(named).toMatch(
        /^Session of http:\/\/localhost:\d+, read through http:\/\/127\.0\.0\.1:4780\d\.$/,
      );
      await expect
        .poll(() => readSecondsLeft(panel, "sessionid"), { timeout: SHOWN_MS })
        .toBeGreaterThan(3500);
      const before = (await readSecondsLeft(panel, "sessionid")) ?? 0;
      expect(before).toBeLessThanOrEqual(3600);
      await expect
        .poll(() => readSecondsLeft(panel, "sessionid"), { timeout: SHOWN_MS })
        .toBeLessThan(before - 1);
    },
  },
  {
    name: "logins of django.contrib.auth are shown in the rows of the responses that made them, as the site recorded them",
    inField: ["firefox"],
    async run(stage) {
      const { faults, changes, credited } = await compareLogins(stage, 3, true);
      expect(faults).toEqual([]);
      expect(credited).toBe(changes);
    },
  },
  {
    name: "an edit of username in the tab shows in Django's next response, and is not attributed to a request",
    async run(stage) {
      const { page, panel } = await openDjango(stage);
      await logIn(page);
      await expectContents(panel, /username: "john_doe"/);
      await retype(panel, "username", '"ada"');
      await expectContents(panel, /username: "ada"/);
      await page.reload();
      await expectPage(page, /You are ada\./);
      await expectRows(
        panel,
        /POST \/login.*\+username/,
        /changed in this panel.*~username/,
        /GET \/ 200.*reading/,
      );
      expect(
        (await readRows(panel)).filter((row) => row.includes("~username") && row.includes("GET")),
      ).toEqual([]);
    },
  },
  {
    name: 'a simulated close logs out a Django user with "Forget me", and restore logs them in again',
    async run(stage) {
      const { page, panel } = await openDjango(stage);
      await page.click({ role: "checkbox", name: "Forget me" });
      await logIn(page);
      await expectContents(panel, /user_id: 123/);
      await expectContents(panel, /_session_expiry: 0 set_expiry: .* 0 means at browser close/);
      await simulateClose(panel);
      await expectText(panel, /as predicted/);
      await expectText(panel, /still accepts the old cookie/);
      await expectPage(page, /You are not logged in\./);
      await expect.poll(() => readContents(panel), { timeout: SHOWN_MS }).toEqual([]);
      await restoreClosed(panel);
      await expectPage(page, /You are john_doe\./);
      await expectContents(panel, /user_id: 123/);
    },
  },
  {
    name: "a Django cookie with an age of an hour survives a simulated close, as it survives a real one",
    async run(stage) {
      const { page, panel } = await openDjango(stage);
      await logIn(page);
      await expectContents(panel, /user_id: 123/);
      await panel.click({ role: "button", name: "Simulate browser close" });
      await panel.click({ role: "button", name: "Reload as after a restore", within: CLOSE_POPOVER });
      await expectText(panel, /as predicted/);
      await expectPage(page, /You are john_doe\./);
    },
  },
];

/** Django, the bridge next to it, and the panel on the site, without typing an address anywhere. */
async function openDjango(stage: Stage): Promise<{ site: DjangoSite; page: SitePage; panel: Surface }> {
  const site = await startDjangoSite();
  stage.later(() => site.close());
  const page = await stage.newPage();
  await page.goto(site.url);
  const tools = await page.openTools();
  const panel = await tools.showPanel();
  await expectText(panel, /Django [\d.]+ · protocol/); // the bridge was found, and the first reading has begun
  return { site, page, panel };
}

async function logIn(page: SitePage): Promise<void> {
  await page.click({ role: "button", name: "Log in as john_doe" });
  await expectPage(page, /You are john_doe\./);
}
