/** What becomes of a login when a request carries the key from before it, or the browser holds a second cookie of its name. */
import { expect } from "@playwright/test";
import type { SitePage } from "../driver.ts";
import { PARTS, SHOWN_MS } from "../panel.ts";
import type { Scenario } from "../scenario.ts";

const SITE = "tests/e2e/sites/cookie-paths.ts";

/** Fetches an address from the page and reads the response. */
function ask(page: SitePage, path: string, method = "GET"): Promise<string> {
  return page.evaluate(({ path, method }) => fetch(path, { method }).then((response) => response.text()), {
    path,
    method,
  });
}

export const cookiePaths: readonly Scenario[] = [
  {
    name: "a poll that began before the login and ends after it does not log out",
    async run(stage) {
      const { url } = await stage.startSite(SITE);
      const page = await stage.newPage();
      await page.goto(`${url}/app/`);
      const polled = await page.evaluate(async () => {
        const poll = fetch("/app/poll");
        await fetch("/app/login-during-poll", { method: "POST" });
        return (await poll).text();
      }, null);
      expect(polled).toBe("user undefined"); // it carried the key that the login has ended
      expect(await ask(page, "/app/who")).toBe("user 123");
    },
  },
  {
    name: "a leftover cookie at / next to the one at /app does not undo a login, and Why? reports one that is a session",
    async run(stage) {
      const { url } = await stage.startSite(SITE);
      const page = await stage.newPage();
      await page.goto(`${url}/leave`);
      await page.goto(`${url}/app/`);
      for (let count = 0; count < 2; count += 1) {
        await ask(page, "/app/login", "POST");
        expect(await ask(page, "/app/who")).toBe("user 123");
      }
      const panel = await (await page.openTools()).showPanel();
      await ask(page, "/plant");
      expect(await ask(page, "/app/who-now")).toBe("user 123");
      const row = { role: "row", text: "/app/who-now", within: PARTS.requests };
      await expect.poll(() => panel.texts(row), { timeout: SHOWN_MS }).not.toEqual([]);
      await panel.click(row);
      await panel.click({ role: "tab", name: "Why?" });
      await expect
        .poll(async () => (await panel.texts({ role: "region", name: "Why:" })).join(" "), {
          timeout: SHOWN_MS,
        })
        .toMatch(
          /several cookies named sessionid \(localhost\/app and localhost\/\), and more than one of them is a session that exists/,
        );
    },
  },
];
