/** With the keyboard only: moving, choosing and editing in the panes, and the shortcuts. */
import { expect, test } from "./fixture.ts";
import { expectFocus, focused, grid, serverData, tabTo, tree } from "./keyboard.ts";

test("Tab stops once in each part, in visual order", async ({ show }) => {
  const page = await show("now");
  const stops: string[] = [];
  for (let stop = 0; stop < 8; stop += 1) {
    await page.keyboard.press("Tab");
    stops.push(
      await page.evaluate(() => {
        const part = document.activeElement?.closest(
          "[role=toolbar],[role=listbox],[role=separator],[role=grid],[role=tablist],[role=treegrid],.shown-row",
        );
        return part?.getAttribute("aria-label") ?? part?.className ?? document.activeElement?.tagName ?? "";
      }),
    );
  }
  expect(stops).toEqual([
    "Sessions",
    "Session cookies",
    "Width of the cookies",
    "Requests",
    "Size of the session",
    "Session views",
    "shown-row",
    expect.any(String),
  ]);
});

test("left and right arrows move in the toolbar, past the filter's text", async ({ show }) => {
  const page = await show("now");
  await page.keyboard.press("Tab");
  expect(await focused(page)).toBe("Stop recording");
  await page.keyboard.press("ArrowRight");
  expect(await focused(page)).toBe("Clear");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.type("cart");
  await page.keyboard.press("ArrowLeft");
  expect(await focused(page)).toBe("Filter requests");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  expect(await focused(page)).toBe("Kinds");
  await page.keyboard.press("ArrowRight");
  expect(await focused(page)).toBe("Changes only");
  await page.keyboard.press("Space");
  await expect(page.getByRole("checkbox", { name: "Changes only" })).toBeChecked();
});

test("arrows, Home, End and Escape change the selection in the timeline", async ({ show }) => {
  const page = await show("now");
  await tabTo(page, "8GET/cart");
  await page.keyboard.press("Home");
  await expect(grid(page).getByRole("row", { selected: true })).toContainText("no session");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await expect(grid(page).getByRole("row", { selected: true })).toContainText("/login");
  await expect(tree(page).getByRole("row", { name: "user_id" })).toContainText("123");
  await page.keyboard.press("Escape");
  await expect(grid(page).getByRole("row", { selected: true })).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Now" })).toHaveAttribute("aria-pressed", "true");
});

test("the arrows keep the selected request wholly in view, below the header", async ({ show }) => {
  const page = await show("many", { height: 300 });
  await grid(page).getByRole("row").last().click();
  const outside = () =>
    grid(page)
      .getByRole("row", { selected: true })
      .evaluate((row) => {
        const view = row.closest(".virtual")?.getBoundingClientRect();
        const header = row.closest(".virtual")?.querySelector(".row-header")?.getBoundingClientRect();
        const box = row.getBoundingClientRect();
        return Math.max((header?.bottom ?? 9999) - box.top, box.bottom - (view?.bottom ?? 0));
      });
  for (const [key, end] of [
    ["ArrowUp", "Home"],
    ["ArrowDown", "End"],
  ] as const) {
    for (const pressed of [...Array<string>(20).fill(key), end]) {
      await page.keyboard.press(pressed);
      await expect.poll(outside, pressed).toBeLessThanOrEqual(0.5);
    }
  }
});

test("Shift and an arrow compare two requests, Escape ends the comparison", async ({ show }) => {
  const page = await show("now");
  await tabTo(page, "8GET/cart");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Shift+ArrowUp");
  await expect(grid(page).getByRole("row", { selected: true })).toHaveCount(2);
  await expect(page.getByRole("tab", { name: "Changes" })).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("Escape");
  await expect(grid(page).getByRole("row", { selected: true })).toHaveCount(1);
});

test("Enter edits a value, Enter saves it, and Escape cancels", async ({ show }) => {
  const page = await show("now");
  await tabTo(page, "csrf_seed");
  for (let down = 0; down < 3; down += 1) await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  const field = page.getByRole("textbox", { name: "Value of username" });
  await expect(field).toBeFocused();
  await page.keyboard.type("never");
  await page.keyboard.press("Escape");
  await expect(field).toHaveCount(0);
  expect(await focused(page)).toContain("username");
  await page.keyboard.press("F2");
  await page.keyboard.type("jane_doe");
  await page.keyboard.press("Enter");
  await expect(tree(page).getByRole("row", { name: "username" })).toContainText("jane_doe");
  expect((await serverData(page)).username).toBe("jane_doe");
  expect(await focused(page)).toContain("username");
  await page.keyboard.press("Control+z");
  await expect(tree(page).getByRole("row", { name: "username" })).toContainText("john_doe");
});

test("up and down arrows change a number while it is edited", async ({ show }) => {
  const page = await show("now");
  await tabTo(page, "csrf_seed");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Shift+ArrowUp");
  await page.keyboard.press("Enter");
  await expect.poll(async () => (await serverData(page)).visits).toBe(16);
});

test("a key is deleted with Del and brought back with Undo", async ({ show }) => {
  const page = await show("now");
  await tabTo(page, "csrf_seed");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Delete");
  await expect(page.getByRole("region", { name: "Last change" })).toContainText("Deleted visits");
  expect(await serverData(page)).not.toHaveProperty("visits");
  await expectFocus(page, "user_id");
  await tabTo(page, "Undo");
  await page.keyboard.press("Enter");
  await expect.poll(async () => (await serverData(page)).visits).toBe(5);
});

test("branches open and close with the arrows", async ({ show }) => {
  const page = await show("now");
  await tabTo(page, "csrf_seed");
  for (let down = 0; down < 4; down += 1) await page.keyboard.press("ArrowDown");
  const cart = tree(page).getByRole("row", { name: "cart", exact: false }).first();
  await expect(cart).toHaveAttribute("aria-expanded", "true");
  await page.keyboard.press("ArrowRight");
  expect(await focused(page)).toContain("items");
  for (let left = 0; left < 3; left += 1) await page.keyboard.press("ArrowLeft");
  await expect(cart).toHaveAttribute("aria-expanded", "false");
  await page.keyboard.press("ArrowRight");
  await expect(cart).toHaveAttribute("aria-expanded", "true");
});

test("the context menu opens with the keyboard and returns the focus", async ({ show }) => {
  const page = await show("now");
  await tabTo(page, "csrf_seed");
  await page.keyboard.press("Shift+F10");
  await expect(page.getByRole("menu")).toBeVisible();
  expect(await focused(page)).toBe("Edit value");
  await page.keyboard.press("End");
  expect(await focused(page)).toBe("Pin to timeline");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("menu")).toHaveCount(0);
  await expect(grid(page).getByRole("columnheader", { name: "csrf_seed" })).toBeVisible();
  expect(await focused(page)).toContain("csrf_seed");
});

test("tabs change with the arrows", async ({ show }) => {
  const page = await show("now");
  await tabTo(page, "Contents");
  await page.keyboard.press("ArrowLeft");
  await expect(page.getByRole("tab", { name: "Raw" })).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await expect(page.getByRole("tab", { name: "Changes" })).toBeFocused();
});

test("cookies are selected, edited and deleted with keys", async ({ show }) => {
  const page = await show("now");
  await tabTo(page, "sessionid");
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("option", { selected: true })).toContainText("connect.sid");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("textbox", { name: "Value", exact: true })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("form")).toHaveCount(0);
  await tabTo(page, "connect.sid");
  await page.keyboard.press("Delete");
  await expect(page.getByRole("option", { name: "connect.sid" })).toHaveCount(0);
  await page.keyboard.press("Control+z");
  await expect(page.getByRole("option", { name: "connect.sid" })).toHaveCount(1);
});

test("closing the browser is simulated and undone with keys", async ({ show }) => {
  const page = await show("now", { running: true });
  await page.keyboard.press("Tab");
  for (let right = 0; right < 6; right += 1) await page.keyboard.press("ArrowRight");
  expect(await focused(page)).toBe("Simulate browser close");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog")).toContainText("1 cookie ends at browser close");
  await expect(page.getByRole("button", { name: "Delete 1 cookie and reload" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "Restore", exact: true })).toBeVisible();
  await tabTo(page, "Restore");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "Restored" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  expect(await focused(page)).toBe("Simulate browser close");
});

test("panes are resized with keys, and the size is kept", async ({ show }) => {
  const page = await show("now");
  await tabTo(page, "Width of the cookies");
  const before = await page.locator(".cookies").evaluate((pane) => pane.clientWidth);
  await page.keyboard.press("ArrowRight");
  await expect.poll(() => page.locator(".cookies").evaluate((pane) => pane.clientWidth)).toBe(before + 16);
  expect(await page.evaluate(() => window.harness.world.preferences)).toMatchObject({
    splits: { cookies: before + 16 },
  });
  await page.keyboard.press("Enter");
  await expect.poll(() => page.locator(".cookies").evaluate((pane) => pane.clientWidth)).toBe(before);
  await tabTo(page, "Size of the session");
  const session = await page.locator(".session").evaluate((pane) => pane.clientWidth);
  await page.keyboard.press("ArrowLeft");
  await expect.poll(() => page.locator(".session").evaluate((pane) => pane.clientWidth)).toBe(session + 16);
});

test("shortcuts focus the filter, clear the timeline and switch recording, and do nothing in text fields", async ({
  show,
}) => {
  const page = await show("now");
  await page.keyboard.press("Control+f");
  expect(await focused(page)).toBe("Filter requests");
  await page.keyboard.type("cart");
  await page.keyboard.press("Control+z");
  await expect(page.getByRole("searchbox")).not.toHaveValue("cart");
  await page.keyboard.press("Shift+Tab");
  await tabTo(page, "sessionid");
  await page.keyboard.press("Control+e");
  await expect(page.getByRole("button", { name: "Record", exact: true })).toBeVisible();
  await page.keyboard.press("Control+f");
  await page.keyboard.press("Delete");
  await tabTo(page, "sessionid");
  await page.keyboard.press("Control+l");
  await expect(page.getByRole("group", { name: "Recording is paused" })).toBeVisible();
});

test("an Escape that the panel handles does not reach DevTools, which would open its console", async ({
  show,
}) => {
  const page = await show("login");
  await page.evaluate(() => {
    document.addEventListener("keydown", (event) => {
      document.body.dataset["heard"] = `${document.body.dataset["heard"] ?? ""} ${event.key}`;
    });
  });
  await tabTo(page, "3POST/login");
  await page.keyboard.press("Escape");
  expect(await page.evaluate(() => document.body.dataset["heard"] ?? "")).not.toContain("Escape");
});
