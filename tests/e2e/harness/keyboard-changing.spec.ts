/** With the keyboard only: everything that changes the session, its cookie or their expiry. */
import type { Page } from "@playwright/test";
import { expect, test } from "./fixture.ts";
import {
  choose,
  cookie,
  expectFocus,
  openTool,
  press,
  pressOn,
  serverData,
  stored,
  tabTo,
  toast,
  tree,
} from "./keyboard.ts";

/** Milliseconds until the demo session expires: the cookie's expiry or the server's, whichever comes first. */
async function left(page: Page): Promise<number> {
  const ends = [(await stored(page))?.expiresAt, (await cookie(page, "sessionid"))?.expiresAt];
  const now = await page.evaluate(() => window.harness.world.now());
  return Math.min(...ends.map((end) => (end ?? Number.NaN) - now));
}

/** The expiry that the simulated server was last told to set. */
const lastExpiry = (page: Page) =>
  page.evaluate(() => window.harness.world.server.asked.findLast((each) => each.name === "expiry")?.request);

test("the session's expiry is set in seconds, at a date, when the browser closes and to the default", async ({
  show,
}) => {
  const page = await show("now");
  const before = await left(page);
  const open = async () => {
    await pressOn(page, "Set expiry");
    await expectFocus(page, "In seconds");
  };
  await open();
  await press(page, "Control+a");
  await page.keyboard.type("120");
  await press(page, "Tab", "Enter");
  await expect.poll(() => left(page)).toBe(120_000);
  await expectFocus(page, "Set expiry");
  await press(page, "Control+z");
  await expect.poll(() => left(page)).toBe(before);
  await open();
  await tabTo(page, "At a date and time");
  await page.keyboard.type("11242026");
  await press(page, "Tab");
  await page.keyboard.type("101112AM");
  await pressOn(page, "Set date");
  const moment = await page.evaluate(() => new Date(2026, 10, 24, 10, 11, 12).getTime());
  await expect.poll(async () => (await stored(page))?.expiresAt).toBe(moment);
  await open();
  await pressOn(page, "When the browser closes");
  await expect.poll(() => lastExpiry(page)).toMatchObject({ change: { kind: "browser-close" } });
  await open();
  await pressOn(page, "The server's default");
  await expect.poll(() => lastExpiry(page)).toMatchObject({ change: { kind: "default" } });
});

test("the session gets a new key, and its old one back", async ({ show }) => {
  const page = await show("now");
  const key = (await cookie(page, "sessionid"))?.value ?? "";
  await pressOn(page, "New key");
  await expect.poll(async () => (await cookie(page, "sessionid"))?.value).toBe(`${key}-next`);
  expect(await stored(page)).toBeNull();
  await pressOn(page, "Undo");
  await expect.poll(async () => (await cookie(page, "sessionid"))?.value).toBe(key);
  expect((await serverData(page)).username).toBe("john_doe");
});

test("the session is flushed and brought back", async ({ show }) => {
  const page = await show("now");
  await tabTo(page, "Flush session");
  await press(page, "Space");
  await expect.poll(() => cookie(page, "sessionid")).toBeNull();
  expect(await stored(page)).toBeNull();
  await press(page, "Control+z");
  await expect.poll(async () => (await cookie(page, "sessionid"))?.name).toBe("sessionid");
  expect((await serverData(page)).username).toBe("john_doe");
});

test("a key is added, and the focus stays next to it", async ({ show }) => {
  const page = await show("now");
  await pressOn(page, "Add key");
  await expectFocus(page, "Key");
  await page.keyboard.type("seen");
  await press(page, "Tab");
  await page.keyboard.type("true");
  await press(page, "Tab", "Enter");
  await expect.poll(async () => (await serverData(page)).seen).toBe(true);
  await expectFocus(page, "Add key");
  await press(page, "Enter");
  await expectFocus(page, "Key");
  await press(page, "Escape");
  await expectFocus(page, "Add key");
  await press(page, "Control+z");
  await expect.poll(() => serverData(page)).not.toHaveProperty("seen");
});

test("a branch is edited as JSON from its menu, and a key moves to the syntax error", async ({ show }) => {
  const page = await show("now");
  await tabTo(page, "csrf_seed");
  await press(page, "ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown", "Shift+F10");
  await choose(page, "Edit as JSON text");
  await expectFocus(page, "JSON text of cart");
  await press(page, "Control+a");
  await page.keyboard.type('{"total": maybe}');
  await pressOn(page, "Go there");
  await expectFocus(page, "JSON text of cart");
  await page.keyboard.type("4");
  await press(page, "Delete", "Delete", "Delete", "Delete", "Control+Enter");
  await expect.poll(async () => (await serverData(page)).cart).toEqual({ total: 4 });
  await expectFocus(page, "cart");
  await press(page, "Control+z");
  await expect.poll(async () => (await serverData(page)).cart.total).toBe(19.5);
});

test("the whole session is edited as JSON, and its buttons save or cancel", async ({ show }) => {
  const page = await show("now");
  await pressOn(page, "Edit session as JSON text");
  await expectFocus(page, "JSON text of the session");
  await press(page, "Control+a");
  await page.keyboard.type('{"only": 1}');
  await pressOn(page, "Save");
  await expect.poll(() => serverData(page)).toEqual({ only: 1 });
  await expectFocus(page, "only");
  await pressOn(page, "Edit session as JSON text");
  await expectFocus(page, "JSON text of the session");
  await tabTo(page, "Cancel");
  await press(page, "Space");
  await expect(tree(page)).toBeVisible();
});

test("the menu adds a key inside a branch and deletes another", async ({ show }) => {
  const page = await show("now");
  await tabTo(page, "csrf_seed");
  await press(page, "ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown", "Shift+F10");
  await choose(page, "Add key inside");
  await expectFocus(page, "Key");
  await page.keyboard.type("note");
  await press(page, "Tab");
  await page.keyboard.type("tea");
  await press(page, "Enter");
  await expect.poll(async () => (await serverData(page)).cart.note).toBe("tea");
  await expectFocus(page, "Add key");
  await press(page, "Shift+Tab");
  await expectFocus(page, "cart");
  await press(page, "Shift+F10");
  await choose(page, "Delete key");
  await expect.poll(() => serverData(page)).not.toHaveProperty("cart");
});

for (const { name, visits } of [
  { name: "Keep theirs", visits: 9 },
  { name: "Overwrite", visits: 6 },
]) {
  test(`a conflict takes the focus and is resolved: ${name}`, async ({ show }) => {
    const page = await show("now");
    await tabTo(page, "csrf_seed");
    await press(page, "ArrowDown", "Enter");
    await page.evaluate(() => {
      const { server } = window.harness.world;
      const key = "k3v9abcdefghijklmnopqrstuvwxx0q2";
      server.put(key, { ...JSON.parse(server.read(key)?.dataJson ?? "{}"), visits: 9 });
    });
    await press(page, "ArrowUp", "Enter");
    await expectFocus(page, "Keep theirs");
    if (name === "Overwrite") await press(page, "Shift+Tab");
    await expectFocus(page, name);
    await press(page, "Enter");
    await expect(page.getByRole("region", { name: "Conflict" })).toHaveCount(0);
    await expect.poll(async () => (await serverData(page)).visits).toBe(visits);
    await expectFocus(page, "visits");
  });
}

test("a cookie's value, expiry and flags are edited", async ({ show }) => {
  const page = await show("now");
  await tabTo(page, "sessionid");
  await press(page, "ArrowDown", "F2");
  await expectFocus(page, "Value");
  await press(page, "Control+a");
  await page.keyboard.type("fresh");
  await tabTo(page, "When the browser closes");
  await press(page, "Space");
  await tabTo(page, "Secure");
  await press(page, "Space");
  await tabTo(page, "SameSite");
  await page.keyboard.type("Strict");
  await pressOn(page, "Save cookie");
  const changed = { value: "fresh", expiresAt: null, secure: true, sameSite: "strict" };
  await expect.poll(() => cookie(page, "connect.sid")).toMatchObject(changed);
  await expect(page.getByRole("form")).toHaveCount(0);
  await expectFocus(page, "Edit cookie");
  await press(page, "Control+z");
  await expect.poll(() => cookie(page, "connect.sid")).toMatchObject({ value: "s%3Aabc.def", secure: false });
});

test("a cookie is deleted in its tab, and set to expire in seconds from its menu", async ({ show }) => {
  const page = await show("cookie");
  await pressOn(page, "Delete cookie");
  await expect.poll(() => cookie(page, "sessionid")).toBeNull();
  await pressOn(page, "Undo");
  await expect.poll(async () => (await cookie(page, "sessionid"))?.name).toBe("sessionid");
  await tabTo(page, "sessionid");
  await press(page, "ArrowDown", "Shift+F10");
  await choose(page, "Expire in 10 s");
  await expect(toast(page)).toContainText("connect.sid expires in 10 s");
  await pressOn(page, "Dismiss");
  await expect(toast(page)).toHaveCount(0);
});

test("time moves forward by a step, by minutes, to just before the expiry, and back", async ({ show }) => {
  const page = await show("now");
  const before = await left(page);
  await openTool(page, "Fast-forward");
  await expectFocus(page, "+1 min");
  await press(page, "Enter");
  await expect.poll(() => left(page)).toBe(before - 60_000);
  await tabTo(page, "Minutes");
  await press(page, "Control+a");
  await page.keyboard.type("5");
  await press(page, "Tab", "Enter");
  await expect.poll(() => left(page)).toBe(before - 360_000);
  await tabTo(page, "To 5 s before expiry", "Shift+Tab");
  await press(page, "Enter");
  await expect(toast(page)).toContainText("forward");
  await expect.poll(() => left(page)).toBeLessThan(6000);
  await expectFocus(page, "To 5 s before expiry");
  await press(page, "Control+z");
  await expect.poll(() => left(page)).toBe(before - 360_000);
  await press(page, "Escape");
  await expectFocus(page, "Fast-forward");
});
