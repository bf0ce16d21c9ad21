/** Auth.js on Express: answers that overlap, and arrive in the other order than the site sent them. */
import { expect } from "@playwright/test";
import type { SitePage, Surface } from "../../e2e/driver.ts";
import { expectContents, SHOWN_MS } from "../../e2e/panel.ts";
import type { Scenario, Stage } from "../../e2e/scenario.ts";
import { type HeldConnections, holdConnections } from "../auth-js/held-connections.ts";
import { startFive } from "../auth-js/sites.ts";
import { PASSWORD, SECRET } from "../auth-js/users.ts";

/** Those of `npm test`. */
export const SMALL: Scenario[] = [];

/** Those of `npm run test:field`. */
export const LARGE: Scenario[] = [
  {
    name: "an older Set-Cookie that arrives last is found",
    async run(stage) {
      const { page, panel, way } = await open(stage);
      await update(page, { theme: "dark" }, "held");
      await way.hasHeld();
      await update(page, { theme: "light" });
      await expectContents(panel, /theme: "light"/);
      way.release();
      await expectContents(panel, /theme: "dark"/);
      await expectWhy(
        panel,
        /The server sent the response to .* before that to .*, and the browser got it after that/,
      );
    },
  },
  {
    name: "chunks of two sessions are found, and the library logs the visitor out",
    async run(stage) {
      const { page, panel, way } = await open(stage, { bulk: 900 });
      await update(page, { theme: "dark" }, "held"); // two chunks
      await way.hasHeld();
      await update(page, { bulk: 2_000 }); // three
      await expectContents(panel, /bulk: "tea tea/);
      way.release();
      await expectWhy(panel, /The chunks of authjs\.session-token are not of one response/);
      const who = await page.evaluate(() => fetch("/").then((answer) => answer.text()), null);
      expect(who).toBe("You are a guest.");
    },
  },
];

async function open(
  stage: Stage,
  more: { bulk?: number } = {},
): Promise<{ page: SitePage; panel: Surface; way: HeldConnections }> {
  const site = await startFive({ bridge: { secret: SECRET } });
  const way = await holdConnections(site.base);
  stage.later(async () => {
    way.close();
    site.close();
  });
  const page = await stage.newPage();
  await page.goto(`${way.base}/`);
  const panel = await (await page.openTools()).showPanel();
  await send(page, "/api/auth/callback/credentials", { username: "john_doe", password: PASSWORD, ...more });
  await expectContents(panel, /name: "john_doe"/);
  return { page, panel, way };
}

/** Has the page write to its session. Does not wait for an answer that is held. */
async function update(page: SitePage, data: Record<string, string | number>, mark = ""): Promise<void> {
  await send(page, `/api/auth/session?${mark}`, { data });
}

async function send(
  page: SitePage,
  path: string,
  body: Record<string, string | number | Record<string, string | number>>,
): Promise<void> {
  await page.evaluate(
    async ({ path, body }) => {
      const { csrfToken } = await (await fetch("/api/auth/csrf")).json();
      const answer = fetch(path, {
        method: "POST",
        redirect: "manual",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ ...body, csrfToken }),
      });
      if (!path.includes("held")) await answer;
      return null;
    },
    { path, body },
  );
}

async function expectWhy(panel: Surface, words: RegExp): Promise<void> {
  await panel.click({ role: "tab", name: "Why?" });
  await expect
    .poll(async () => (await panel.texts({ role: "region", name: "Why:" })).join(" "), { timeout: SHOWN_MS })
    .toMatch(words);
}
