/** The toolbar at each width: words where there is room, and one button for the tools where there is not. */
import type { Locator, Page } from "@playwright/test";
import { expect, test } from "./fixture.ts";
import { expectFocus, focused, press } from "./keyboard.ts";

const toolbar = (page: Page): Locator => page.getByRole("toolbar", { name: "Sessions" });
const tools = (page: Page): Locator => page.getByRole("button", { name: "Tools" });

/** Every tool, by the words that show on it. */
const WORDS = ["Browser close", "Fast-forward", "Snapshots", "Export and import", "Read again"];

/** Text of the toolbar as it is seen. */
const shownText = (page: Page): Promise<string> =>
  toolbar(page).evaluate((bar: HTMLElement) => bar.innerText);

for (const width of [1200, 1600]) {
  test(`at ${width} pixels every tool is named in words, in one line`, async ({ show }) => {
    const page = await show("login", { width, height: 260 });
    const text = await shownText(page);
    for (const word of WORDS) expect(text).toContain(word);
    await expect(tools(page)).toBeHidden();
    expect((await toolbar(page).boundingBox())?.height).toBeLessThan(30);
  });
}

for (const [width, height] of [
  [760, 480],
  [380, 640],
] as const) {
  test(`at ${width} pixels one button with words opens the tools, which have words too`, async ({ show }) => {
    const page = await show("login", { width, height });
    await tools(page).click();
    const group = page.getByRole("group", { name: "Tools" });
    await expect(group.getByRole("button")).toHaveText(WORDS);
    await group.getByRole("button", { name: "Snapshots" }).click();
    await expect(page.getByRole("dialog", { name: "Snapshots" })).toBeInViewport({ ratio: 1 });
  });

  test(`at ${width} pixels boxes and connection are named in words`, async ({ show }) => {
    const page = await show("login", { width, height });
    for (const words of ["Changes only", "Preserve log", "Bridge connected", "Kinds"])
      await expect(toolbar(page).getByText(words, { exact: true })).toBeInViewport({ ratio: 1 });
  });
}

test("the tools of a narrow panel work by key, and give the focus back", async ({ show }) => {
  const page = await show("login", { width: 380, height: 640 });
  await tools(page).focus();
  await press(page, "Enter");
  await expectFocus(page, "Simulate browser close");
  await press(page, "ArrowDown", "ArrowDown", "Enter");
  await expect(page.getByRole("dialog", { name: "Snapshots" })).toBeVisible();
  await expectFocus(page, "Name");
  await press(page, "Escape");
  await expectFocus(page, "Snapshots");
  await press(page, "Escape");
  await expectFocus(page, "Tools");
  await expect(page.getByRole("group", { name: "Tools" })).toHaveCount(0);
  await press(page, "Enter");
  await expectFocus(page, "Simulate browser close"); // keys reach the list once it has the focus
  await press(page, "End", "Enter");
  await expect.poll(() => focused(page)).toBe("Tools");
});

for (const name of [
  "Simulate browser close",
  "Fast-forward",
  "Snapshots",
  "Export and import",
  "Settings",
  "Kinds",
  "Set expiry",
]) {
  test(`in a low dock the popover of ${name} is wholly in view`, async ({ show }) => {
    const page = await show("now", { width: 1200, height: 260 });
    await page.getByRole("button", { name }).click();
    const dialog = page.getByRole("dialog", { name });
    await expect(dialog).toBeInViewport({ ratio: 1 });
    expect(await dialog.evaluate((element) => element.scrollHeight - element.clientHeight)).toBe(0);
  });
}

for (const [width, height] of [
  [320, 480],
  [380, 640],
  [760, 480],
  [1200, 260],
] as const) {
  test(`at ${width} pixels every fact of the status line is whole`, async ({ show }) => {
    const page = await show("login", { width, height });
    const facts = page.getByRole("status").locator("span");
    await expect(facts.filter({ hasText: /changed the session$/ })).toBeVisible();
    const all = await facts.all();
    expect(all.length).toBeGreaterThan(3);
    for (const fact of all) await expect(fact).toBeInViewport({ ratio: 1 });
  });
}

test("a login's row keeps its new key in a narrow panel", async ({ show }) => {
  const page = await show("login", { width: 380, height: 640 });
  const row = page.getByRole("row", { selected: true }).first();
  await expect(row.getByText("new key")).toBeVisible();
  await expect(row.getByText("+user_id")).toBeVisible();
  await expect(row.getByText("+3")).toBeVisible();
});

test("the kinds are chosen by key, and the empty timeline shows them all again", async ({ show }) => {
  const page = await show("now");
  await page.getByRole("button", { name: "Kinds" }).focus();
  await press(page, "Enter");
  await expectFocus(page, "Documents");
  await page.getByRole("checkbox", { name: "Images" }).check();
  await expect(page.getByRole("row", { name: "avatar.png" })).toBeVisible();
  await page.getByRole("checkbox", { name: "Images" }).uncheck();
  await expect(page.getByRole("row", { name: "avatar.png" })).toHaveCount(0);
  await expect(page.getByRole("status")).toContainText("1 hidden by kind");
  await press(page, "Escape");
  await expectFocus(page, "Kinds");
  await page.getByRole("searchbox").fill("avatar");
  await page.getByRole("button", { name: "Show all kinds" }).click();
  await expect(page.getByRole("row", { name: "avatar.png" })).toBeVisible();
});
