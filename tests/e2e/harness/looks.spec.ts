/** How the panel looks: narrow docks, zoom, forced colours, reduced motion, following new rows, windowing. */
import { expect, test } from "./fixture.ts";

for (const [width, height] of [
  [320, 480],
  [560, 500],
  [590, 210],
  [900, 260],
  [1600, 900],
] as const) {
  test(`at ${width} × ${height} nothing is outside the view, and every part is there`, async ({ show }) => {
    const page = await show("login", { width, height });
    for (const part of [
      page.getByRole("toolbar", { name: "Sessions" }),
      page.getByRole("listbox", { name: "Session cookies" }),
      page.getByRole("grid", { name: "Requests" }),
      page.getByRole("region", { name: "Session", exact: true }),
      page.getByRole("status"),
    ]) {
      await expect(part).toBeVisible();
      const box = await part.boundingBox();
      expect(box?.x).toBeGreaterThanOrEqual(0);
      expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(width);
      expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual(height);
    }
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
  });
}

test("all tabs and the list of sessions are in view in the narrowest dock", async ({ show }) => {
  const page = await show("devices", { width: 320, height: 640 });
  for (const part of [
    ...(await page.getByRole("tab").all()),
    page.getByRole("button", { name: "End the others" }),
    page.getByRole("columnheader", { name: "Expires in" }),
  ]) {
    const box = await part.boundingBox();
    expect((box?.x ?? 0) + (box?.width ?? 999)).toBeLessThanOrEqual(320);
  }
});

test("the toolbar's buttons are at least 24 pixels wide and high", async ({ show }) => {
  const page = await show("now");
  const small = await page
    .getByRole("toolbar", { name: "Sessions" })
    .getByRole("button")
    .evaluateAll(
      (buttons) => buttons.filter((each) => each.clientWidth < 24 || each.clientHeight < 24).length,
    );
  expect(small).toBe(0);
});

test("only those of ten thousand rows that are near the view are in the document", async ({ show }) => {
  const page = await show("many");
  const grid = page.getByRole("grid", { name: "Requests" });
  await expect(grid).toHaveAttribute("aria-rowcount", "10001");
  expect(await grid.getByRole("row").count()).toBeLessThan(60);
  await expect(grid.getByRole("row").last()).toContainText("/page/9999");
  await grid.locator(".virtual").evaluate((scroller) => scroller.scrollTo(0, 0));
  await expect(grid.getByRole("row").nth(1)).toContainText("/page/0");
});

test("the timeline follows the newest row until the user scrolls away, and then a pill counts the new rows", async ({
  show,
}) => {
  const page = await show("many");
  const grid = page.getByRole("grid", { name: "Requests" });
  await page.evaluate(() => {
    window.harness.world.request({ url: "http://localhost:8000/followed" });
    window.harness.world.advance(100);
  });
  await expect(grid.getByText("/followed")).toBeInViewport();
  await grid.locator(".virtual").evaluate((scroller) => scroller.scrollTo(0, 0));
  await page.waitForFunction(() => !window.harness.models.view.following.value);
  await page.evaluate(() => {
    for (let at = 0; at < 12; at += 1)
      window.harness.world.request({ url: `http://localhost:8000/new/${at}` });
    window.harness.world.advance(100);
  });
  await page.getByRole("button", { name: "↓ 12 new" }).click();
  await expect(grid.getByText("/new/11")).toBeInViewport();
  await expect(page.getByRole("button", { name: "new" })).toHaveCount(0);
});

test("no pill counts new rows that are in view anyway", async ({ show }) => {
  const page = await show("login", { width: 1180, height: 700 });
  const grid = page.getByRole("grid", { name: "Requests" });
  await grid.getByRole("row").nth(1).click();
  await page.evaluate(() => {
    window.harness.world.request({ url: "http://localhost:8000/next-to-it" });
    window.harness.world.advance(100);
  });
  await expect(grid.getByText("/next-to-it")).toBeInViewport();
  await expect(page.getByRole("button", { name: /new$/ })).toHaveCount(0);
});

test("a countdown shows tenths near its end and turns to expired on the second", async ({ show }) => {
  const page = await show("now");
  const option = page.getByRole("option", { name: "connect.sid" });
  await page.evaluate(() => {
    const { world } = window.harness;
    const cookie = world.cookies.cookies.find((each) => each.name === "connect.sid");
    if (cookie)
      world.setCookies(
        world.cookies.cookies.map((each) =>
          each === cookie ? { ...each, expiresAt: world.now() + 6000 } : each,
        ),
      );
  });
  await page.evaluate(() => window.harness.world.advance(1500));
  await expect(option).toContainText("4.5 s");
  await page.evaluate(() => window.harness.world.advance(4400));
  await expect(option).toContainText("0.1 s");
  await page.evaluate(() => window.harness.world.advance(100));
  await expect(option).toContainText("expired");
  await expect(option).toHaveAttribute("data-phase", "expired");
});

test("a countdown shows whole seconds only with reduced motion", async ({ show, page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await show("now");
  await page.evaluate(() => {
    const { world } = window.harness;
    world.setCookies(world.cookies.cookies.map((each) => ({ ...each, expiresAt: world.now() + 6000 })));
  });
  await page.evaluate(() => window.harness.world.advance(1500));
  await expect(page.getByRole("option", { name: "connect.sid" })).toContainText("00:00:05");
});

test("forced colours keep the selection and the chips distinguishable", async ({ show, page }) => {
  await page.emulateMedia({ forcedColors: "active" });
  await show("login");
  const row = page.getByRole("grid").getByRole("row", { selected: true });
  const [selected, plain] = await Promise.all(
    [row, page.getByRole("grid").getByRole("row", { selected: false }).nth(1)].map((each) =>
      each.evaluate((element) => getComputedStyle(element).backgroundColor),
    ),
  );
  expect(selected).not.toBe(plain);
  const border = await page
    .locator(".chip")
    .first()
    .evaluate((chip) => getComputedStyle(chip).borderTopStyle);
  expect(border).toBe("solid");
});

test("the user's choice of theme is kept", async ({ show }) => {
  const page = await show("settings");
  const surface = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  expect(await surface()).toBe("rgb(255, 255, 255)");
  await page.getByRole("radio", { name: "Dark" }).check();
  await expect.poll(surface).toBe("rgb(40, 40, 40)");
  expect(await page.evaluate(() => window.harness.world.preferences)).toMatchObject({ theme: "dark" });
});

test("a lost server is reported in one line above the contents, which stay, with a countdown and a button", async ({
  show,
}) => {
  const page = await show("lost");
  const bar = page.getByRole("region", { name: "Connection" });
  await expect(bar).toContainText("Lost the server");
  await expect(bar).toContainText(/Trying again in [0-9]+ s/);
  await expect(page.getByRole("grid").getByRole("row", { name: "/login" }).first()).toBeVisible();
  await expect(page.getByRole("treegrid").getByRole("row", { name: "user_id" })).toBeVisible();
  await page.evaluate(() => window.harness.world.server.setMood("up"));
  await bar.getByRole("button", { name: "Try now" }).click();
  await expect(bar).toHaveCount(0);
});
