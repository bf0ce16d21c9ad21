/** Uses the harness page without a mouse: presses keys, and reports what has the focus. */
import type { Page } from "@playwright/test";
import { KEY } from "../../panel/harness/story.ts";
import { expect } from "./fixture.ts";

/** The most tab stops on the page: after these, the focus starts again at the top. */
const MAX_STOPS = 60;

export const grid = (page: Page) => page.getByRole("grid", { name: "Requests" });
export const tree = (page: Page) => page.getByRole("treegrid", { name: "Session contents" });
export const toast = (page: Page) => page.getByRole("region", { name: "Last change" });

/** Name or text of what has the focus; empty for nothing. */
export const focused = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const element = document.activeElement;
    if (element === null || element === document.body) return "";
    const label = element.getAttribute("aria-label");
    if (label !== null) return label;
    const named = element.matches("input, textarea, select") ? element.closest("label") : element;
    return named?.textContent?.trim() ?? "";
  });

/** Waits until something with this name has the focus. */
export async function expectFocus(page: Page, name: string): Promise<void> {
  await expect.poll(() => focused(page)).toContain(name);
}

/** Presses these keys, one after the other. */
export async function press(page: Page, ...keys: string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key);
}

/** Tabs until something with this name has the focus. */
export async function tabTo(page: Page, name: string, key: "Tab" | "Shift+Tab" = "Tab"): Promise<void> {
  for (let stop = 0; stop < MAX_STOPS; stop += 1) {
    await page.keyboard.press(key);
    if ((await focused(page)).includes(name)) return;
  }
  throw new Error(`Tab does not reach ${name}; the focus is on ${await focused(page)}.`);
}

/** Tabs to the element with this name, and presses Enter there. */
export async function pressOn(page: Page, name: string): Promise<void> {
  await tabTo(page, name);
  await page.keyboard.press("Enter");
}

/** Moves to a control of the toolbar: Tab into it, then arrows. */
export async function toTool(page: Page, name: string): Promise<void> {
  const inToolbar = () =>
    page.evaluate(
      () =>
        document.activeElement?.closest("[role=toolbar]") != null &&
        !document.activeElement.closest("[popover]"),
    );
  for (let stop = 0; stop < MAX_STOPS && !(await inToolbar()); stop += 1) await page.keyboard.press("Tab");
  for (const key of ["ArrowRight", "ArrowLeft"]) {
    for (let step = 0; step < 15; step += 1) {
      if ((await focused(page)) === name) return;
      await page.keyboard.press(key);
    }
  }
  throw new Error(`The arrows do not reach ${name} in the toolbar; the focus is on ${await focused(page)}.`);
}

/** Opens a popover of the toolbar. */
export async function openTool(page: Page, name: string): Promise<void> {
  await toTool(page, name);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog", { name })).toBeVisible();
}

/** Chooses an item of the menu that is open. */
export async function choose(page: Page, item: string): Promise<void> {
  await expect(page.getByRole("menu")).toBeVisible();
  for (let step = 0; step < 10 && (await focused(page)) !== item; step += 1)
    await page.keyboard.press("ArrowDown");
  expect(await focused(page)).toBe(item);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("menu")).toHaveCount(0);
}

/** What was copied, read by pasting it into the filter. */
export async function pasted(page: Page): Promise<string> {
  await press(page, "Control+f", "Control+v");
  const text = await page.getByRole("searchbox").inputValue();
  await press(page, "Control+a", "Delete");
  return text;
}

/** What the simulated server stores under a cookie value, by default the demo session's. */
export const stored = (page: Page, key = KEY) =>
  page.evaluate((asked) => window.harness.world.server.read(asked) ?? null, key);

/** The demo session as data. */
export const serverData = async (page: Page) => JSON.parse((await stored(page))?.dataJson ?? "null");

/** A cookie of the simulated browser. */
export const cookie = (page: Page, name: string) =>
  page.evaluate(
    (asked) => window.harness.world.cookies.cookies.find((each) => each.name === asked) ?? null,
    name,
  );

/** What the panel did to the tab. */
export const did = (page: Page) => page.evaluate(() => window.harness.world.did);
