/** Changes the session in the panel, and checks what the page then shows: with a real server and a real browser. */
import { expect } from "@playwright/test";
import type { Surface } from "../driver.ts";
import {
  expectContents,
  expectPage,
  expectRows,
  PARTS,
  readContents,
  readCookies,
  readSecondsLeft,
  SHOWN_MS,
} from "../panel.ts";
import type { Scenario } from "../scenario.ts";
import { logIn } from "./story.ts";

/** Opens a value's field in the tree. */
async function editValue(panel: Surface, key: string): Promise<void> {
  await panel.click({ role: "row", name: key, within: PARTS.contents }, { double: true });
  await expect
    .poll(() => panel.texts({ role: "textbox", name: `Value of ${key}` }), { timeout: SHOWN_MS })
    .toHaveLength(1);
}

/** Moves the expiry of cookie and session forward by this many minutes. */
async function goForward(panel: Surface, minutes: string): Promise<void> {
  await panel.click({ role: "button", name: "Fast-forward" });
  const popover = { role: "dialog", name: "Fast-forward" };
  await panel.fill({ role: "spinbutton", name: "Minutes", within: popover }, minutes);
  await panel.click({ role: "button", name: "Go forward", within: popover });
  await panel.press("Escape");
}

export const editing: readonly Scenario[] = [
  {
    name: "a value edited in the panel is in the page's next response, and undo restores the old one",
    async run({ open }) {
      const { page, panel } = await open();
      await logIn(page);
      await expectContents(panel, /username: "john_doe"/);
      await editValue(panel, "username");
      await panel.fill({ role: "textbox", name: "Value of username" }, "jane_edited");
      await panel.press("Enter");
      await expectContents(panel, /username: "jane_edited"/);
      await expectRows(panel, /changed in this panel.*~username/);
      await page.reload();
      await expectPage(page, /jane_edited/);
      await panel.click({ role: "button", name: "Undo" });
      await expectContents(panel, /username: "john_doe"/);
      await page.reload();
      await expectPage(page, /john_doe/);
    },
  },
  {
    name: "an edit of a value that the page changed meanwhile shows both values, and nothing is lost",
    async run({ open }) {
      const { page, panel } = await open();
      await logIn(page);
      await expectContents(panel, /visits: 2/);
      await editValue(panel, "visits");
      await page.reload();
      await panel.fill({ role: "textbox", name: "Value of visits" }, "40");
      await panel.press("Enter");
      const conflict = { role: "region", name: "Conflict" };
      await expect.poll(() => panel.texts(conflict), { timeout: SHOWN_MS }).toHaveLength(1);
      expect((await panel.texts(conflict)).join()).toMatch(/visits is now 3.*2 40 3/);
      await panel.click({ role: "button", name: "Keep theirs", within: conflict });
      await expectContents(panel, /visits: 3/);

      await editValue(panel, "visits");
      await page.reload();
      await panel.fill({ role: "textbox", name: "Value of visits" }, "40");
      await panel.press("Enter");
      await panel.click({ role: "button", name: "Overwrite", within: conflict });
      await expectContents(panel, /visits: 40/);
      await page.reload();
      await expectContents(panel, /visits: 41/);
    },
  },
  {
    name: "a change of another key by the page does not stop an edit, and both changes stay",
    inField: ["chromium"],
    async run({ open }) {
      const { page, panel } = await open();
      await logIn(page);
      await expectContents(panel, /visits: 2/);
      await editValue(panel, "username");
      await page.reload();
      await panel.fill({ role: "textbox", name: "Value of username" }, "jane_edited");
      await panel.press("Enter");
      await expectContents(panel, /username: "jane_edited"/);
      await expectContents(panel, /visits: 3/);
    },
  },
  {
    name: "a new session key is in the browser's cookie, and undo restores the old one",
    async run({ open, driver, site }) {
      const { page, panel } = await open();
      await logIn(page);
      await expectContents(panel, /user_id: 123/);
      const value = async () =>
        (await driver.cookies(site.url)).find(({ name }) => name === "sessionid")?.value;
      const before = await value();
      await panel.click({ role: "button", name: "New key" });
      await expect.poll(value, { timeout: SHOWN_MS }).not.toBe(before);
      await page.reload();
      await expectPage(page, /john_doe/);
      await panel.click({ role: "button", name: "Undo" });
      await expect
        .poll(() => panel.texts({ role: "region", name: "Last change" }), { timeout: SHOWN_MS })
        .toEqual([expect.stringContaining("Not undone: the session has been changed since.")]);
      await expectPage(page, /john_doe/);
    },
  },
  {
    name: "a flushed session is gone from the page, and undo restores it with its cookie",
    async run({ open, driver, site }) {
      const { page, panel } = await open();
      await logIn(page);
      await expectContents(panel, /user_id: 123/);
      const sessionCookie = async () =>
        (await driver.cookies(site.url)).find(({ name }) => name === "sessionid");
      const before = await sessionCookie();
      await panel.click({ role: "button", name: "Flush session" });
      await expectRows(panel, /changed in this panel.*flushed/);
      await expect.poll(sessionCookie, { timeout: SHOWN_MS }).toBeUndefined();
      await panel.click({ role: "button", name: "Undo" });
      await expectContents(panel, /user_id: 123/);
      expect(await sessionCookie()).toEqual(before);
      await page.reload();
      await expectPage(page, /john_doe/);
    },
  },
  {
    name: "moving 3,590 of 3,600 seconds forward leaves ten, and then cookie, server and panel agree that the session expired",
    async run({ open, driver, site }) {
      const { page, panel } = await open();
      await logIn(page);
      await expectContents(panel, /user_id: 123/);
      const left = async () => {
        const cookie = (await driver.cookies(site.url)).find(({ name }) => name === "sessionid");
        return (cookie?.expirationDate ?? 0) - Date.now() / 1000;
      };
      await goForward(panel, String((Math.floor(await left()) - 10) / 60));
      await expect
        .poll(async () => (await readCookies(panel)).join(), { timeout: SHOWN_MS })
        .toMatch(/sessionid (00:00:1|[0-9]+\.[0-9] s)/);
      expect(await left()).toBeLessThan(12);
      await expect
        .poll(async () => (await readCookies(panel)).join(), { timeout: SHOWN_MS })
        .toMatch(/sessionid expired/);
      await expect.poll(() => readContents(panel), { timeout: SHOWN_MS }).toEqual([]);
      // Firefox continues to list an expired cookie, but no longer sends it.
      const listed = (await driver.cookies(site.url)).filter(({ name }) => name === "sessionid");
      expect(
        listed.filter(
          ({ expirationDate }) => (expirationDate ?? Number.POSITIVE_INFINITY) * 1000 > Date.now(),
        ),
      ).toEqual([]);
      await page.reload();
      await expectPage(page, /Log in/);
    },
  },
  {
    name: "undo moves time back, exact to the second",
    async run({ open }) {
      const { page, panel } = await open();
      await logIn(page);
      await expectContents(panel, /user_id: 123/);
      await goForward(panel, "30");
      await expect.poll(() => readSecondsLeft(panel, "sessionid"), { timeout: SHOWN_MS }).toBeLessThan(1800);
      await panel.click({ role: "button", name: "Undo" });
      await expect
        .poll(() => readSecondsLeft(panel, "sessionid"), { timeout: SHOWN_MS })
        .toBeGreaterThan(3500);
    },
  },
];
