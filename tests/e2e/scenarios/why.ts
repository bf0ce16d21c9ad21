/** "Why?" in real browsers: the cases of its rules, and who wrote a key last. `tests/truth` plays the counter-cases. */
import { expect } from "@playwright/test";
import { expectContents, readCookies, SHOWN_MS } from "../panel.ts";
import { openPlace, siteScenarios, take } from "../play-rules.ts";
import type { Scenario } from "../scenario.ts";

const SITE = "tests/e2e/sites/why.ts";

export const why: readonly Scenario[] = [
  ...siteScenarios("cases"),
  {
    name: '"Why?" distinguishes a cookie that this panel deleted from one that someone else deleted',
    async run(stage) {
      const site = await stage.startSite(SITE);
      const { page, panel, url } = await openPlace(await stage.newPage(), site.url);
      const expectWhy = (words: RegExp) =>
        expect
          .poll(async () => (await panel.texts({ role: "region", name: "Why:" })).join(" "), {
            timeout: SHOWN_MS,
          })
          .toMatch(words);
      await take({ page, url }, "GET /set/cart");
      await expectContents(panel, /cart: 123/);
      await take({ page, url }, "GET /read");
      await stage.driver.clearCookies();
      await panel.click({ role: "tab", name: "Why?" });
      await expectWhy(
        /is gone although it has not expired, and no response in this timeline deleted it: the browser evicted it/,
      );

      await take({ page, url }, "GET /set/cart");
      await expect.poll(() => readCookies(panel), { timeout: SHOWN_MS }).toHaveLength(1);
      await panel.click({ role: "tab", name: "Cookie" });
      await panel.click({ role: "button", name: "Delete cookie" });
      await panel.click({ role: "tab", name: "Why?" });
      await expectWhy(/is gone: it was deleted in this panel/);
    },
  },
  {
    name: "each key says who wrote it last, and in which request",
    inField: ["chromium"],
    async run(stage) {
      const site = await stage.startSite(SITE);
      const place = await openPlace(await stage.newPage(), site.url);
      await take(place, "GET /set/cart");
      await expectContents(place.panel, /cart: 123.*why\.ts:\d+/);
      const titles = await place.panel.evaluate(
        () =>
          [...document.querySelectorAll<HTMLElement>("[role=treegrid] [title]")].map(({ title }) => title),
        null,
      );
      expect(titles.join("\n")).toMatch(/Last written by \S*why\.ts:\d+ in GET \/set\/cart, \d+/);
    },
  },
];
