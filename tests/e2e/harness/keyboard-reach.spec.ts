/** The keyboard reaches every control: keys are really pressed, and controls that never got the focus are listed. */
import type { Page } from "@playwright/test";
import type { StateName } from "../../panel/harness/names.ts";
import { expect, test } from "./fixture.ts";
import { expectFocus, focused, press, tabTo, toTool } from "./keyboard.ts";

/**
 * Containers in which arrow keys move the focus, and the keys that visit all of their members. The tree comes
 * first and the requests last, because choosing another view or request removes the tree.
 */
const COMPOSITES = [
  { role: "treegrid", members: "[role=row]", keys: ["Home", "ArrowDown"] },
  { role: "tablist", members: "[role=tab]", keys: ["ArrowRight"] },
  { role: "toolbar", members: "button, input", keys: ["ArrowRight"] },
  { role: "listbox", members: "[role=option]", keys: ["Home", "ArrowDown"] },
  { role: "grid", members: "[role=row]", keys: ["Home", "ArrowDown"] },
] as const;

/** More tab stops than any page has. */
const MOST = 60;

const STATES: readonly StateName[] = [
  "now",
  "filtered",
  "saved",
  "conflict",
  "add-key",
  "edit-text",
  "edit-cookie",
  "cookie",
  "refused",
  "lost",
  "devices",
  "devices-failed",
];

for (const state of STATES) {
  test(`keys reach every control: ${state}`, async ({ show }) => {
    // High enough for every row of the tree: a row that scrolls out of view may come back as another element.
    const page = await show(state, { height: 900 });
    await page.evaluate(watchFocus, "body");
    await goRound(page);
    for (const { role, members, keys } of COMPOSITES) {
      const count = await page.locator(`[role=${role}]`).locator(members).count();
      if (count === 0) continue;
      await tabInto(page, role);
      const [first, next = first] = keys;
      await press(page, first, ...Array.from({ length: count }, () => next));
    }
    expect(await unfocused(page)).toEqual([]);
  });
}

const POPOVERS = [
  { name: "Simulate browser close", go: toTool },
  { name: "Fast-forward", go: toTool },
  { name: "Snapshots", go: toTool },
  { name: "Export and import", go: toTool },
  { name: "Kinds", go: toTool },
  { name: "Settings", go: toTool },
  { name: "Set expiry", go: tabTo },
];

for (const { name, go } of POPOVERS) {
  test(`${name} takes the focus, returns it on Escape, and the keyboard reaches all of it`, async ({
    show,
  }) => {
    const page = await show("now");
    const dialog = page.getByRole("dialog", { name });
    const focusIn = dialog.locator(":focus");
    await go(page, name);
    await press(page, "Enter");
    await expect(focusIn).toHaveCount(1);
    await press(page, "Escape");
    await expect(dialog).toHaveCount(0);
    expect(await focused(page)).toBe(name);
    await press(page, "Space");
    await expect(focusIn).toHaveCount(1);
    await page.evaluate(watchFocus, "[role=dialog]");
    for (let stop = 0; stop < MOST && (await unfocused(page)).length > 0; stop += 1) {
      await press(page, "Tab");
      if ((await page.locator("[type=radio]:focus").count()) === 1)
        await press(page, "ArrowDown", "ArrowDown");
    }
    expect(await unfocused(page)).toEqual([]);
    await press(page, "Escape");
    await expect(dialog).toHaveCount(0);
  });
}

const MENUS = ["connect.sid", "POST/login", "csrf_seed"];

for (const name of MENUS) {
  test(`the menu of ${name} takes the focus, returns it on Escape, and the keyboard reaches all of it`, async ({
    show,
  }) => {
    const page = await show("login");
    await tabTo(page, name === "connect.sid" ? "sessionid" : name);
    if (name === "connect.sid") await press(page, "ArrowDown");
    await press(page, "Shift+F10");
    const menu = page.getByRole("menu");
    await expect(menu.locator(":focus")).toHaveCount(1);
    await page.evaluate(watchFocus, "[role=menu]");
    const count = await menu.getByRole("menuitem").count();
    await press(page, "Home", ...Array.from({ length: count }, () => "ArrowDown"));
    expect(await unfocused(page)).toEqual([]);
    await press(page, "Escape");
    await expect(menu).toHaveCount(0);
    await expectFocus(page, name);
  });
}

/** Presses Tab until the focus returns to an element that had it before. */
async function goRound(page: Page): Promise<void> {
  for (let stop = 0; stop < MOST && !(await page.evaluate(() => window.wentRound())); stop += 1)
    await press(page, "Tab");
}

async function tabInto(page: Page, role: string): Promise<void> {
  const there = () =>
    page.evaluate((asked) => document.activeElement?.closest(`[role=${asked}]`) != null, role);
  for (let stop = 0; stop < MOST && !(await there()); stop += 1) await press(page, "Tab");
}

function unfocused(page: Page): Promise<string[]> {
  return page.evaluate(() => window.unfocused());
}

declare global {
  interface Window {
    /** The controls that have not had the focus since `watchFocus`, as HTML. */
    unfocused: () => string[];
    /** True once the focus has returned to an element that had it before. */
    wentRound: () => boolean;
  }
}

/** In the page: notes the visible controls inside `root`, and from now on which of them get the focus. */
function watchFocus(root: string): void {
  const roles =
    "button checkbox radio switch tab option menuitem row link textbox searchbox slider separator";
  const selector = [
    "a[href], button, input, select, textarea, summary, [tabindex], [contenteditable]",
    ...roles.split(" ").map((role) => `[role=${role}]`),
  ].join();
  // A dialog or menu takes the focus for its members; a header row is read, not used; a row's key does what its button does.
  const passive =
    ":disabled, [role=dialog], [role=menu], [role=row]:has([role=columnheader]), [role=row] [aria-keyshortcuts]";
  const wanted = [...(document.querySelector(root)?.querySelectorAll<HTMLElement>(selector) ?? [])].filter(
    (element) => element.checkVisibility({ visibilityProperty: true }) && !element.matches(passive),
  );
  if (wanted.length === 0) throw new Error(`There is no control in ${root}.`);
  const reached = new Set<EventTarget | null>([document.activeElement]);
  let round = false;
  const onFocus = ({ target }: FocusEvent): void => {
    round ||= reached.has(target);
    reached.add(target);
  };
  document.addEventListener("focusin", onFocus, true);
  window.wentRound = () => round;
  window.unfocused = () =>
    wanted.filter((element) => !reached.has(element)).map((element) => element.outerHTML.slice(0, 160));
}
