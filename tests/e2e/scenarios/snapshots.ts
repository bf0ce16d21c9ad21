/** Snapshots of cookies and session together, in the real panel. */
import { expect } from "@playwright/test";
import type { SitePage, Surface } from "../driver.ts";
import { expectContents, readText, SHOWN_MS } from "../panel.ts";
import type { Scenario } from "../scenario.ts";

const POPOVER = { role: "dialog", name: "Snapshots" };

async function keep(panel: Surface, name: string): Promise<void> {
  await panel.click({ role: "button", name: "Snapshots" });
  await panel.fill({ role: "textbox", name: "Name", within: POPOVER }, name);
  await panel.click({ role: "button", name: "Take snapshot", within: POPOVER });
  await expect
    .poll(() => panel.texts({ role: "button", name: `Switch to ${name}`, within: POPOVER }), {
      timeout: SHOWN_MS,
    })
    .not.toEqual([]);
  await panel.press("Escape");
}

async function switchTo(panel: Surface, name: string): Promise<void> {
  await panel.click({ role: "button", name: "Snapshots" });
  await panel.click({ role: "button", name: `Switch to ${name}`, within: POPOVER });
}

/** The panel reloads the page, so its document may be changing. */
async function shows(page: SitePage, words: RegExp): Promise<void> {
  const text = () => readText(page).catch(() => "loading");
  await expect.poll(text, { message: "text of the page", timeout: SHOWN_MS }).toMatch(words);
}

export const snapshots: readonly Scenario[] = [
  {
    name: "snapshots switch john_doe and guest, server and cookie together, and undo exactly",
    async run(stage) {
      const { page, panel } = await stage.open();
      await expectContents(panel, /visits: 1/);
      await keep(panel, "guest");
      await page.click({ role: "button", name: "Log in" });
      await shows(page, /Hello, john_doe/);
      await expectContents(panel, /user_id: 123/);
      await keep(panel, "john_doe");

      const before = await stage.driver.cookies(stage.site.url);
      await switchTo(panel, "guest");
      await shows(page, /Log in/);
      await panel.click({ role: "button", name: "Undo" });
      await shows(page, /Hello, john_doe/);
      const values = (all: typeof before) => all.map(({ name, value }) => [name, value]);
      expect(values(await stage.driver.cookies(stage.site.url))).toEqual(values(before));

      await switchTo(panel, "guest");
      await shows(page, /Log in/);
      await switchTo(panel, "john_doe");
      await shows(page, /Hello, john_doe/);
      await expectContents(panel, /username: "john_doe"/);
    },
  },
];
