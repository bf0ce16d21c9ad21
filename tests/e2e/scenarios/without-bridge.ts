/** Sites without a bridge: what their cookies are, what they contain, and why the browser did what it did. */
import { expect } from "@playwright/test";
import type { Surface } from "../driver.ts";
import { readCookies, readSecondsLeft, readText, SHOWN_MS } from "../panel.ts";
import type { Scenario, Stage } from "../scenario.ts";

const SITE = "tests/e2e/sites/foreign.ts";

async function open(stage: Stage, path: string): Promise<{ panel: Surface }> {
  const { url } = await stage.startSite(SITE);
  const page = await stage.newPage();
  await page.goto(url);
  const tools = await page.openTools();
  const panel = await tools.showPanel();
  await page.goto(url + path);
  return { panel };
}

async function expectCookie(panel: Surface, pattern: RegExp): Promise<void> {
  await expect
    .poll(async () => (await readCookies(panel)).join("\n"), { timeout: SHOWN_MS })
    .toMatch(pattern);
}

/** Opens a tab of the session pane and waits for its text. */
async function expectTab(panel: Surface, tab: string, words: RegExp): Promise<void> {
  await panel.click({ role: "tab", name: tab });
  await expect.poll(() => readText(panel), { timeout: SHOWN_MS }).toMatch(words);
}

export const withoutBridge: readonly Scenario[] = [
  {
    name: "a PHP session is recognised, and its missing attributes are listed",
    async run(stage) {
      const { panel } = await open(stage, "/php");
      await expectCookie(panel, /PHPSESSID.*PHP/s);
      await expectTab(panel, "Cookie", /Scripts of the page can read it[\s\S]*It has no SameSite/);
    },
  },
  {
    name: "a Flask session is recognised, decoded and counted down",
    async run(stage) {
      const { panel } = await open(stage, "/flask");
      await expectCookie(panel, /session/);
      await expectTab(panel, "Cookie", /Inside the cookie: Flask[\s\S]*"user_id":123/);
      expect(await readSecondsLeft(panel, "session")).toBeGreaterThan(3500);
    },
  },
  {
    name: "a JWT is decoded, with its own expiry",
    async run(stage) {
      const { panel } = await open(stage, "/jwt");
      await expectCookie(panel, /token/);
      await expectTab(panel, "Cookie", /Inside the cookie: JWT \(HS256\)[\s\S]*john_doe[\s\S]*Valid until/);
      expect(await readSecondsLeft(panel, "token")).toBeGreaterThan(550);
    },
  },
];
