/** Actions in the panel that take more than one click. */
import { expect } from "@playwright/test";
import type { Surface } from "./driver.ts";
import { expectText, PARTS, SHOWN_MS } from "./panel.ts";

/** The popover that simulates closing the browser. */
export const CLOSE_POPOVER = { role: "dialog", name: "Simulate browser close" };

/** Replaces the value of a session key, typed as JSON, and saves it. */
export async function retype(panel: Surface, key: string, json: string): Promise<void> {
  await panel.click({ role: "row", name: key, within: PARTS.contents }, { double: true });
  await panel.fill({ role: "textbox", name: `Value of ${key}` }, json);
  await panel.press("Enter");
}

/** Opens the simulation, deletes the cookies that end when the browser closes, and reloads the page. */
export async function simulateClose(panel: Surface): Promise<void> {
  await panel.click({ role: "button", name: "Simulate browser close" });
  await panel.click({ role: "button", name: "and reload", within: CLOSE_POPOVER });
}

/** Restores what a simulated close deleted, in the popover that is still open. */
export async function restoreClosed(panel: Surface): Promise<void> {
  await panel.click({ role: "button", name: "Restore", exact: true, within: CLOSE_POPOVER });
}

/** The name of the token field, or that there is none. Read by script: a password field has no role. */
export function fieldForToken(panel: Surface): Promise<string> {
  return panel.evaluate(() => {
    const field = document.querySelector("input[type=password]");
    return field === null ? "no field" : (field.getAttribute("aria-label") ?? "no name");
  }, null);
}

/** Waits for the field, types a token and sends it with `Use token`. */
export async function typeToken(panel: Surface, token: string): Promise<void> {
  const type = (text: string) => {
    const field = document.querySelector<HTMLInputElement>("input[type=password]");
    if (field === null) return false;
    field.value = text;
    return field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  await expect.poll(() => panel.evaluate(type, token), { timeout: SHOWN_MS }).toBe(true);
}

/** The tab offers no edit of this library's sessions, and says why when one is tried on the value of `key`. */
export async function expectReadOnly(panel: Surface, library: string, key: string): Promise<void> {
  await expect
    .poll(() => panel.attributes(PARTS.contents, "aria-readonly"), { timeout: SHOWN_MS })
    .toEqual(["true"]);
  await panel.click({ role: "row", name: key, within: PARTS.contents }, { double: true });
  await expectText(panel, new RegExp(`Not editable: ${library.replaceAll(".", "\\.")} does not offer this`));
  expect(await panel.texts({ role: "textbox", name: `Value of ${key}` })).toEqual([]);
}
