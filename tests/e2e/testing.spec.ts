/** Uses the fixture of `session-bridge/testing` as a user would, on the demo app. */
import { randomBytes } from "node:crypto";
import { test as base, expect } from "session-bridge/testing";
import { findChromium } from "../../scripts/machine/chromium.ts";
import { type Site, startSite } from "../../scripts/machine/site.ts";

const token = randomBytes(32).toString("base64url");
process.env["SESSION_BRIDGE_TOKEN"] = token;
const executablePath = await findChromium();

const test = base.extend<object, { site: Site }>({
  site: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's needs from this pattern
    async ({}, use) => {
      const site = await startSite("examples/express/server.ts", { env: { SESSION_BRIDGE_TOKEN: token } });
      await use(site);
      await site.close();
    },
    { scope: "worker" },
  ],
  baseURL: async ({ site }, use) => use(site.url),
});
test.use({ launchOptions: { ...(executablePath ? { executablePath } : {}), args: ["--no-sandbox"] } });

test("a login writes user_id and username into the session", async ({ page, session }) => {
  await page.goto("/");
  await session.mark();
  await page.getByRole("button", { name: "Log in" }).click();
  await expect(page.getByText("john_doe")).toBeVisible();
  await expect(session).toHaveChanged({
    user_id: [undefined, 123],
    username: [undefined, "john_doe"],
    visits: [1, 2],
  });
  expect(await session.expiresIn()).toBeGreaterThan(3590);
});

test("cookies and session are saved and restored together", async ({ page, session }) => {
  await page.goto("/");
  await page.getByRole("button", { name: "Log in" }).click();
  await expect(page.getByText("john_doe")).toBeVisible();
  const loggedIn = await session.keep();
  await page.getByRole("button", { name: "Log out" }).click();
  await expect(page.getByRole("button", { name: "Log in" })).toBeVisible();
  await session.restore(loggedIn);
  await page.goto("/");
  await expect(page.getByText("john_doe")).toBeVisible();
  expect(await session.data()).toMatchObject({ user_id: 123 });
});

test("a change that did not happen fails with the actual contents", async ({ page, session }) => {
  await page.goto("/");
  const failed = expect(session).toHaveChanged({ user_id: [undefined, 123] }, { timeout: 200 });
  await expect(failed).rejects.toThrow(/has not changed as expected[\s\S]*"visits"/);
});
