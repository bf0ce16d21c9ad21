/** An app on express-session, unchanged except for its one line: the demo's story, and the updates that express-session loses. */
import { expect } from "@playwright/test";
import type { SitePage, Surface } from "../driver.ts";
import {
  expectContents,
  expectPage,
  expectRows,
  expectText,
  PARTS,
  readContents,
  readRows,
  readSecondsLeft,
  SHOWN_MS,
} from "../panel.ts";
import { restoreClosed, retype, simulateClose } from "../panel-acts.ts";
import type { Scenario, Stage } from "../scenario.ts";
import { addToCart, logIn, logOut } from "./story.ts";

const COOKIE = "connect.sid";

export const expressSession: readonly Scenario[] = [
  {
    name: "an app on express-session shows the whole demo: login, countdown, cart, edit, logout",
    async run(stage) {
      const { page, panel } = await openShop(stage);
      await logIn(page);
      await expectRows(panel, /POST \/login 302 .*\+user_id.*123.*john_doe/, /GET \/ 200/);
      await expectContents(panel, /user_id: 123/);
      await expect.poll(() => readSecondsLeft(panel, COOKIE), { timeout: SHOWN_MS }).toBeGreaterThan(3500);
      // A browser adjusts Expires by the difference between its clock and the response's Date, which has whole seconds.
      expect(await readSecondsLeft(panel, COOKIE)).toBeLessThanOrEqual(3601);
      await addToCart(page, "tea");
      await expectRows(panel, /POST \/cart 302 .*\+cart/);
      await retype(panel, "username", '"ada"');
      await expectRows(panel, /changed in this panel.*~username/);
      await page.reload();
      await expectPage(page, /Hello, ada/);
      await logOut(page);
      await expectRows(panel, /POST \/login/, /POST \/logout .*flushed/);
    },
  },
  {
    name: "a simulated close logs out of express-session, and restore logs in again",
    async run(stage) {
      const { page, panel } = await openShop(stage);
      await logIn(page, { ends: "with the browser" });
      await expectContents(panel, /user_id: 123/);
      await simulateClose(panel);
      await expectText(panel, /still accepts the old cookie/);
      await expectPage(page, /Log in/);
      await restoreClosed(panel);
      await expectPage(page, /Hello, john_doe/);
      await expectContents(panel, /user_id: 123/);
    },
  },
  {
    name: "of two requests at the same time express-session loses one update, and both rows say which and what to do",
    async run(stage) {
      const { page, panel } = await openShop(stage);
      await logIn(page);
      await expectContents(panel, /user_id: 123/);
      await page.evaluate(async () => {
        // Redirects are not followed: their target counts visits and would be a third writer.
        const add = (item: string) =>
          fetch("/cart", { method: "POST", body: new URLSearchParams({ item }), redirect: "manual" });
        await Promise.all([add("tea"), add("cake")]);
        return null;
      }, null);
      await expectRows(panel, /POST \/cart/, /POST \/cart/);
      await expectRows(panel, /POST \/cart .*lost update/);
      const [first = "", second = ""] = (await readRows(panel)).filter((row) => row.includes("POST /cart"));
      const numberOf = (row: string) => /^\d+/.exec(row)?.[0] ?? "no number";
      const [loser, winner] = second.includes("lost update") ? [first, second] : [second, first];

      await panel.click({ role: "row", text: "lost update", within: PARTS.requests });
      await panel.click({ role: "tab", name: "Why?" });
      await expectText(panel, new RegExp(`A change is lost: POST /cart, ${numberOf(loser)} wrote “cart”`));
      await expectText(panel, /session-bridge merges a request's changed keys into the newest session/);
      await panel.click({ role: "row", name: loser.slice(0, 12), within: PARTS.requests });
      await expectText(panel, new RegExp(`lost: POST /cart, ${numberOf(winner)} overlapped it`));

      await panel.click({ role: "tab", name: "Contents" });
      await expect.poll(() => readContents(panel), { timeout: SHOWN_MS }).not.toEqual([]);
    },
  },
];

async function openShop(stage: Stage): Promise<{ page: SitePage; panel: Surface }> {
  const site = await stage.startSite("examples/express-session/server.js");
  const page = await stage.newPage();
  await page.goto(site.url);
  const tools = await page.openTools();
  return { page, panel: await tools.showPanel() };
}
