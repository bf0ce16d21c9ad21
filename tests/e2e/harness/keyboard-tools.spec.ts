/** With the keyboard only: the toolbar's tools, every menu, every copy command, and the buttons of notices. */
import type { Page } from "@playwright/test";
import type { StateName } from "../../panel/harness/names.ts";
import { expect, test } from "./fixture.ts";
import {
  choose,
  cookie,
  did,
  expectFocus,
  grid,
  openTool,
  pasted,
  press,
  pressOn,
  serverData,
  tabTo,
  toast,
  toTool,
} from "./keyboard.ts";

const preferences = (page: Page) => page.evaluate(() => window.harness.world.preferences);
/** How often the bridge received this call. */
const asked = (page: Page, name: string) =>
  page.evaluate(
    (call) => window.harness.world.server.asked.filter((each) => each.name === call).length,
    name,
  );

test("the toolbar's buttons and checkboxes work with the keyboard", async ({ show }) => {
  const page = await show("now");
  await toTool(page, "Stop recording");
  await press(page, "Enter");
  expect(await did(page)).toContain("recording off");
  await toTool(page, "Preserve log");
  await press(page, "Space");
  await toTool(page, "Changes only");
  await press(page, "Space");
  await expect.poll(() => preferences(page)).toMatchObject({ preserveLog: false, changesOnly: true });
  await press(page, "Space");
  const before = await asked(page, "session");
  await toTool(page, "Read again");
  await press(page, "Enter");
  await expect.poll(() => asked(page, "session")).toBeGreaterThan(before);
  await toTool(page, "Clear");
  await press(page, "Enter");
  await expect(page.getByRole("group", { name: "Recording is paused" })).toBeVisible();
});

test("a snapshot is taken, switched to, undone and deleted", async ({ show }) => {
  const page = await show("now");
  await openTool(page, "Snapshots");
  await expectFocus(page, "Name");
  await page.keyboard.type("guest");
  await press(page, "Enter");
  await expect(toast(page)).toContainText("Kept “guest”: cookies and the server's session");
  await press(page, "Escape");
  await tabTo(page, "csrf_seed");
  await press(page, "ArrowDown", "Delete");
  await expect.poll(() => serverData(page)).not.toHaveProperty("visits");
  await openTool(page, "Snapshots");
  await expectFocus(page, "Switch to guest");
  await press(page, "Enter");
  await expect.poll(async () => (await serverData(page)).visits).toBe(5);
  await expectFocus(page, "Snapshots");
  await expect(toast(page)).toContainText("Switched to “guest”");
  await press(page, "Control+z");
  await expect.poll(() => serverData(page)).not.toHaveProperty("visits");
  await openTool(page, "Snapshots");
  await pressOn(page, "Forget guest");
  await expect(page.getByRole("button", { name: "Switch to guest" })).toHaveCount(0);
  await expectFocus(page, "Name");
});

test("cookies are exported and imported", async ({ show }) => {
  const page = await show("now");
  await openTool(page, "Export and import");
  await expectFocus(page, "What to export");
  await press(page, "ArrowDown");
  await tabTo(page, "Save as");
  const [download] = await Promise.all([page.waitForEvent("download"), press(page, "Enter")]);
  expect(download.suggestedFilename()).toContain("cookies");
  // Registered before moving there: a key that arrives before the browser knows of this opens its own file chooser.
  const chooser = page.waitForEvent("filechooser");
  await pressOn(page, "From a file");
  await (await chooser).setFiles({
    name: "a.txt",
    mimeType: "text/plain",
    buffer: Buffer.from("Cookie: filed=1"),
  });
  await tabTo(page, "Text to import");
  await expect(page.getByRole("textbox", { name: "Text to import" })).toHaveValue("Cookie: filed=1");
  await press(page, "Control+a");
  await page.keyboard.type("Cookie: typed=2");
  await pressOn(page, "Set 1 cookie");
  await expect.poll(async () => (await cookie(page, "typed"))?.value).toBe("2");
  await expectFocus(page, "Export and import");
  await press(page, "Control+z");
  await expect.poll(() => cookie(page, "typed")).toBeNull();
});

test("the history is copied, opened and closed", async ({ show }) => {
  const page = await show("now");
  await openTool(page, "Export and import");
  await pressOn(page, "Copy");
  await expect(page.getByText("Copied the export")).toHaveCount(1); // the clipboard is asynchronous
  await tabTo(page, "Text to import");
  await press(page, "Control+v");
  await pressOn(page, "Open, read-only");
  await pressOn(page, "Close history");
  await expect(page.getByRole("button", { name: "Close history" })).toHaveCount(0);
});

test("a close with restored tabs is simulated", async ({ show }) => {
  const page = await show("now", { running: true });
  await openTool(page, "Simulate browser close");
  await press(page, "Tab");
  await expectFocus(page, "Reload as after a restore");
  await press(page, "Enter");
  await expect.poll(() => did(page)).toContain("reload");
  await expect(page.getByRole("dialog").getByRole("heading", { name: "After the restore" })).toBeVisible();
});

test("theme, cookies and pins are chosen in the settings", async ({ show }) => {
  const page = await show("now");
  await openTool(page, "Settings");
  await press(page, "ArrowDown", "Tab", "Space");
  await expect.poll(() => preferences(page)).toMatchObject({ watch: "all" });
  expect(await preferences(page)).toHaveProperty("theme");
  await tabTo(page, "Key to pin");
  await page.keyboard.type("visits");
  await press(page, "Enter");
  const column = grid(page).getByRole("columnheader", { name: "visits" });
  await expect(column).toBeVisible();
  await tabTo(page, "Unpin visits", "Shift+Tab");
  await press(page, "Enter");
  await expect(column).toHaveCount(0);
  await expectFocus(page, "Key to pin");
});

test("a request's menu opens before a request is selected, and its items work", async ({ show }) => {
  const page = await show("now");
  await tabTo(page, "8GET/cart");
  await press(page, "Shift+F10");
  await choose(page, "Show in Network");
  expect(await did(page)).toContain("network GET http://localhost:8000/cart");
  await press(page, "Enter");
  await expect(page.getByRole("tab", { name: "Changes" })).toHaveAttribute("aria-selected", "true");
  for (const [item, tab] of [
    ["Show contents after it", "Contents"],
    ["Show changes", "Changes"],
  ] as const) {
    await press(page, "Shift+F10");
    await choose(page, item);
    await expect(page.getByRole("tab", { name: tab })).toHaveAttribute("aria-selected", "true");
  }
  await press(page, "Shift+F10");
  await choose(page, "Copy address");
  await expect.poll(() => pasted(page)).toBe("http://localhost:8000/cart");
  await pressOn(page, "Now");
  await expect(grid(page).getByRole("row", { selected: true })).toHaveCount(0);
});

test("one key scrolls to the new rows", async ({ show }) => {
  const page = await show("now", { height: 200 });
  await tabTo(page, "8GET/cart");
  await press(page, "Home");
  await page.evaluate(() => {
    const { world } = window.harness;
    world.request({ url: "http://localhost:8000/late" });
    world.advance(2000);
  });
  await pressOn(page, "1 new");
  await expect(page.getByRole("button", { name: "1 new" })).toHaveCount(0);
  await expect(grid(page).getByRole("row", { name: "/late" })).toBeInViewport();
  await expect(page.getByRole("tab", { name: "Contents" })).toHaveAttribute("aria-selected", "true");
});

test("everything that can be copied can be copied with the keyboard", async ({ show }) => {
  const page = await show("now");
  await tabTo(page, "sessionid");
  await press(page, "ArrowDown", "Control+c");
  await expect.poll(() => pasted(page)).toBe("s%3Aabc.def");
  await tabTo(page, "connect.sid");
  await press(page, "ArrowDown", "Shift+F10");
  await choose(page, "Copy value");
  await expect.poll(() => pasted(page)).toBe("eyJhIjoxfQ");
  await pressOn(page, "Copy key");
  await expect.poll(() => pasted(page)).toBe("k3v9abcdefghijklmnopqrstuvwxx0q2");
  await tabTo(page, "csrf_seed");
  await press(page, "ArrowDown", "ArrowDown", "Control+c");
  await expect.poll(() => pasted(page)).toBe("123");
  await tabTo(page, "user_id");
  await press(page, "Shift+F10");
  await choose(page, "Copy path");
  await expect.poll(() => pasted(page)).toBe("user_id");
});

test("a cookie's menu shows its requests, and removes expired ones", async ({ show }) => {
  const page = await show("expired");
  await tabTo(page, "sessionid");
  await press(page, "Shift+F10");
  await choose(page, "Show requests with this cookie");
  await expect(page.getByRole("searchbox")).toHaveValue("cookie:sessionid");
  await press(page, "Shift+F10");
  await choose(page, "Dismiss expired cookies");
  await expect(page.getByRole("option", { name: "sessionid" })).toHaveCount(0);
});

test("a form that is shown again leaves the focus on the view's tab", async ({ show }) => {
  const page = await show("edit-cookie");
  await tabTo(page, "Cookie");
  await press(page, "ArrowLeft", "ArrowRight");
  await expect(page.getByRole("form")).toBeVisible();
  await press(page, "ArrowRight");
  await expectFocus(page, "Raw");
});

/** Buttons of notices and of the bar above the contents, and what proves that they worked. */
const BUTTONS: { state: StateName; button: string; done: (page: Page) => Promise<void> }[] = [
  {
    state: "no-session",
    button: "Watch all cookies",
    done: (page) => expect.poll(() => preferences(page)).toMatchObject({ watch: "all" }),
  },
  {
    state: "no-session",
    button: "Reload page",
    done: (page) => expect.poll(() => did(page)).toContain("reload"),
  },
  {
    state: "no-access",
    button: "Allow on this site",
    done: (page) => expect.poll(() => page.evaluate(() => window.harness.world.cookies.denied)).toEqual([]),
  },
  {
    state: "filtered",
    button: "Clear filter",
    done: (page) => expect(page.getByRole("searchbox")).toHaveValue(""),
  },
  {
    state: "no-bridge",
    button: "Copy the line",
    done: (page) => expect.poll(() => pasted(page)).toContain("app.use(openBridge("),
  },
  {
    state: "no-bridge",
    button: "Check again",
    done: (page) => expect.poll(() => asked(page, "hello")).toBeGreaterThan(1),
  },
  {
    state: "tampered",
    button: "Show cookie",
    done: (page) =>
      expect(page.getByRole("tab", { name: "Cookie" })).toHaveAttribute("aria-selected", "true"),
  },
  {
    state: "lost",
    button: "Try now",
    done: (page) => expect.poll(() => asked(page, "hello")).toBeGreaterThan(1),
  },
];

for (const { state, button, done } of BUTTONS) {
  test(`${button} works with the keyboard: ${state}`, async ({ show }) => {
    const page = await show(state);
    await pressOn(page, button);
    await done(page);
  });
}

test("a token that the bridge requires can be typed", async ({ show }) => {
  const page = await show("refused");
  await pressOn(page, "How to allow");
  await expect(page.getByText("type the same token here")).toBeVisible();
  await tabTo(page, "Token for http://localhost:8000", "Shift+Tab");
  await page.keyboard.type("right-token");
  await press(page, "Enter");
  await expect.poll(() => asked(page, "token")).toBe(1);
});
