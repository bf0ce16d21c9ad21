/** A login, request by request: cookie, countdown, timeline, contents. */
import { expect } from "@playwright/test";
import { expectContents, expectRows, PARTS, readRows, readSecondsLeft, SHOWN_MS } from "../panel.ts";
import type { Scenario } from "../scenario.ts";
import { addToCart, logIn, logOut } from "./story.ts";

export const firstLight: readonly Scenario[] = [
  {
    name: "a login's POST shows the new keys of the session and the new key of the cookie",
    async run({ open }) {
      const { page, panel } = await open();
      await logIn(page);
      await expectRows(panel, /POST \/login.* 302 .*new key/, /GET \/ 200/);
      const login = (await readRows(panel)).find((row) => row.includes("POST /login"));
      expect(login).toContain("+user_id");
      expect(login).toContain("+username");
    },
  },
  {
    name: "a request has a row even if the panel was opened after it",
    async run({ newPage, site }) {
      const page = await newPage();
      await page.goto(site.url);
      const tools = await page.openTools();
      await logIn(page);
      const panel = await tools.showPanel();
      await expectRows(panel, /POST \/login.* 302 .*\+user_id/, /GET \/ 200/);
    },
  },
  {
    name: "the cookie counts down from an hour, with the browser's own expiry",
    async run({ open, driver, site }) {
      const { page, panel } = await open();
      await logIn(page);
      await expect.poll(() => readSecondsLeft(panel, "sessionid"), { timeout: SHOWN_MS }).not.toBeNull();
      const difference = async () => {
        // Reading takes a while on a busy machine: the countdown was shown at some time during it.
        const from = Date.now() / 1000;
        const shown = (await readSecondsLeft(panel, "sessionid")) ?? Number.NaN;
        const to = Date.now() / 1000;
        const cookie = (await driver.cookies(site.url)).find(({ name }) => name === "sessionid");
        const expiry = cookie?.expirationDate ?? 0;
        return Math.max(0, shown - (expiry - from), expiry - to - shown);
      };
      // The page before the login had a cookie too; until the new one is listed, the countdown is for the old one.
      await expect.poll(difference, { timeout: SHOWN_MS }).toBeLessThanOrEqual(2);
      expect(await readSecondsLeft(panel, "sessionid")).toBeGreaterThan(3580);
      const before = (await readSecondsLeft(panel, "sessionid")) ?? 0;
      await expect
        .poll(() => readSecondsLeft(panel, "sessionid"), { timeout: SHOWN_MS })
        .toBeLessThan(before - 1);
      expect(await difference()).toBeLessThanOrEqual(2);
    },
  },
  {
    name: "a cookie that ends when the browser closes says so instead of a countdown",
    async run({ open }) {
      const { page, panel } = await open();
      await logIn(page, { ends: "with the browser" });
      await expect
        .poll(async () => (await panel.texts({ role: "option", name: "sessionid" })).join(), {
          timeout: SHOWN_MS,
        })
        .toMatch(/at browser close/i);
    },
  },
  {
    name: "the contents show user_id: 123 after the login",
    inField: ["chromium"],
    async run({ open }) {
      const { page, panel } = await open();
      await logIn(page);
      await expectContents(panel, /user_id ?: 123/);
      await expectContents(panel, /username ?: "john_doe"/);
    },
  },
  {
    name: "a change deep inside the cart shows as a changed cart",
    inField: ["firefox"],
    async run({ open }) {
      const { page, panel } = await open();
      await logIn(page);
      await addToCart(page, "tea");
      await addToCart(page, "tea");
      await expectRows(panel, /POST \/cart .*\+cart/, /POST \/cart .*~cart/);
      await panel.click({ role: "row", name: "cart", within: PARTS.contents });
      await panel.press("ArrowRight");
      await expectContents(panel, /tea ?: 2/);
    },
  },
  {
    name: "a logout shows as flushed, and a new session begins after it",
    inField: ["chromium"],
    async run({ open }) {
      const { page, panel } = await open();
      await logIn(page);
      await logOut(page);
      await expectRows(panel, /POST \/login/, /POST \/logout .*flushed/, /GET \/ .*\+visits/);
    },
  },
];
