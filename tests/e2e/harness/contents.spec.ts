/** What a row of the contents shows in narrow docks: values before notes, short values before long keys, and the pin. */
import type { Page } from "@playwright/test";
import { KEY } from "../../panel/harness/story.ts";
import { expect, test } from "./fixture.ts";
import { expectFocus, grid, press, tabTo, tree } from "./keyboard.ts";

const SESSION = {
  _auth_user_id: "1",
  _auth_user_backend: "django.contrib.auth.backends.ModelBackend",
  _csrftoken: "0123456789",
  a_key_that_is_far_too_long_for_a_dock_of_this_width: "twelve chr",
  cart: { an_inner_key_that_is_far_too_long_for_the_dock: { inmost_key_that_is_too_long: 12345 } },
  note: "A value that is too long for its row in every dock there is, and therefore ends with an ellipsis here.",
};

/** Makes this the session, each key of which was last written in a file with a long name. */
async function fill(page: Page): Promise<void> {
  await page.evaluate(
    async ([key, session]) => {
      const { world, models } = window.harness;
      world.server.put(key, JSON.stringify(session));
      world.server.trace({
        changes: Object.keys(session).map((each) => ({
          key: each,
          kind: "added",
          writer: "src/a/rather/deep/folder/of/the/application/login.ts:41",
        })),
      });
      await models.session.read();
    },
    [KEY, SESSION] as const,
  );
  const written = async (): Promise<number> => {
    await page.evaluate(() => window.harness.world.advance(1000));
    return tree(page).locator(".leaf-writer").count();
  };
  await expect.poll(written).toBe(Object.keys(SESSION).length);
}

for (const width of [380, 760, 1180]) {
  test(`at ${width} pixels no note and no key cuts a short value`, async ({ show }) => {
    const page = await show("now", { width, height: 700 });
    await fill(page);
    const values = await tree(page)
      .locator(".value")
      .evaluateAll((all) =>
        all.map((each) => {
          const cell = each.closest("[role=gridcell]")?.getBoundingClientRect();
          const box = each.getBoundingClientRect();
          return {
            text: each.textContent ?? "",
            whole:
              each.scrollWidth <= each.clientWidth + 1 && cell !== undefined && box.right <= cell.right + 1,
            inside: box.right <= (each.closest(".tree")?.getBoundingClientRect().right ?? 0),
            title: each.getAttribute("title"),
          };
        }),
      );
    expect(values.map(({ text }) => text)).toContain("12345");
    expect(values.filter(({ inside }) => !inside)).toEqual([]);
    expect(values.filter(({ text, whole }) => text.length <= 12 && !whole)).toEqual([]);
    const cut = values.filter(({ whole }) => !whole);
    expect(cut.length).toBeGreaterThan(0);
    expect(cut.filter(({ text, title }) => title !== text)).toEqual([]);
  });
}

test("in a session pane that was made narrow, a long key gives way to a short value", async ({ show }) => {
  const page = await show("now", { height: 700 });
  await fill(page);
  await page.evaluate(() => window.harness.models.preferences.resize("session", 160));
  await expect.poll(async () => (await tree(page).boundingBox())?.width).toBeLessThan(170);
  const row = tree(page).getByRole("row", { name: "a_key_that_is_far_too_long" });
  const [value, cell] = await Promise.all(
    [".value", ".leaf-value"].map((each) => row.locator(each).boundingBox()),
  );
  await expect(row.locator(".value")).toHaveText('"twelve chr"');
  expect((value?.x ?? 0) + (value?.width ?? 0)).toBeLessThanOrEqual((cell?.x ?? 0) + (cell?.width ?? 0) + 1);
});

test("a note has no room while its value is cut, and is whole in its title", async ({ show }) => {
  const page = await show("now", { width: 380, height: 700 });
  await fill(page);
  const row = tree(page).getByRole("row", { name: "_auth_user_backend" });
  const value = row.locator(".value");
  expect(await value.evaluate((element) => element.scrollWidth - element.clientWidth)).toBeGreaterThan(1);
  expect(await row.locator(".leaf-notes").evaluate((element) => element.clientWidth)).toBe(0);
  await expect(row.locator(".leaf-writer")).toHaveAttribute("title", /login\.ts:41/);
  await expect(row.locator(".leaf-meaning")).toHaveAttribute("title", /the class that logged the user in/);
});

test("a note is shown once its value is whole", async ({ show }) => {
  const page = await show("now", { width: 1180, height: 700 });
  await fill(page);
  const row = tree(page).getByRole("row", { name: "_auth_user_id" });
  expect(await row.locator(".leaf-writer").evaluate((element) => element.clientWidth)).toBeGreaterThan(1);
});

for (const width of [380, 760])
  test(`at ${width} pixels the colon after a long key is whole`, async ({ show }) => {
    const page = await show("now", { width, height: 700 });
    await fill(page);
    const colons = await tree(page)
      .locator(".leaf-colon")
      .evaluateAll((all) =>
        all.map((each) => {
          const box = each.getBoundingClientRect();
          const cell = each.closest("[role=gridcell]")?.getBoundingClientRect();
          return box.width > 1 && box.right <= (cell?.right ?? 0) + 0.5;
        }),
      );
    expect(colons).toContain(true);
    expect(colons).not.toContain(false);
  });

test("a pin shows on the row under the pointer, and makes a column with one click", async ({ show }) => {
  const page = await show("now");
  const row = tree(page).getByRole("row", { name: "total" });
  const pin = row.getByRole("button", { name: "Pin cart.total as a column" });
  await expect(pin).toHaveCount(0);
  await row.hover();
  await pin.click();
  await expect(grid(page).getByRole("columnheader", { name: "cart.total" })).toBeVisible();
  await expect(row.getByRole("button", { name: "Unpin cart.total" })).toBeVisible();
  await expectFocus(page, "total");
});

test("P pins the key of the row with the focus, and unpins it", async ({ show }) => {
  const page = await show("now");
  await tabTo(page, "csrf_seed");
  const column = grid(page).getByRole("columnheader", { name: "csrf_seed" });
  await press(page, "p");
  await expect(column).toBeVisible();
  await expectFocus(page, "csrf_seed");
  await press(page, "p");
  await expect(column).toHaveCount(0);
});

test("rows keep their columns when nothing is pinned", async ({ show }) => {
  const page = await show("now");
  for (const key of ["user_id", "username"])
    await page.evaluate((pin) => window.harness.models.view.pin(pin), key);
  await expect(grid(page).getByRole("columnheader")).toHaveCount(6);
  const [path, changes] = await Promise.all(
    ["Path", "Session changes"].map((name) => grid(page).getByRole("columnheader", { name }).boundingBox()),
  );
  expect(changes?.y).toBe(path?.y);
  expect(changes?.x).toBeGreaterThan(path?.x ?? 0);
});

for (const width of [550, 700, 800, 1180])
  test(`at ${width} pixels the heads and short values of user_id and username are whole`, async ({
    show,
  }) => {
    const page = await show("now", { width, height: 480 });
    const cells = grid(page).locator(".cell-pin");
    const texts = await cells.evaluateAll((all) =>
      all.map((each) => ({
        text: each.textContent ?? "",
        cut: each.scrollWidth - each.clientWidth,
      })),
    );
    const shown = texts.map(({ text }) => text);
    expect(shown).toEqual(expect.arrayContaining(["user_id", "username", '"john_doe"']));
    expect(texts.filter(({ cut }) => cut > 1)).toEqual([]);
  });

for (const width of [380, 600, 950])
  test(`at ${width} pixels the changes have the room of the pinned columns`, async ({ show }) => {
    const page = await show("now", { width, height: 480 });
    await expect(grid(page).locator(".row-header .cell-pin").first()).toBeHidden();
    const [row, changes] = await Promise.all(
      [".row-header", ".row-header .cell-changes"].map((each) => grid(page).locator(each).boundingBox()),
    );
    expect((changes?.x ?? 0) + (changes?.width ?? 0)).toBeCloseTo((row?.x ?? 0) + (row?.width ?? 0), 0);
  });

test("six pins of long names leave the changes their room", async ({ show }) => {
  const page = await show("now", { width: 760, height: 480 });
  for (const key of ["csrf_seed", "visits", "cart.total", "cart.items"])
    await page.evaluate((pin) => window.harness.models.view.pin(pin), key);
  await expect(grid(page).locator(".row-header .cell-pin")).toHaveCount(6);
  const head = await grid(page).locator(".row-header").boundingBox();
  for (const name of ["Session changes", "cart.items"]) {
    const box = await grid(page).getByRole("columnheader", { name }).boundingBox();
    expect(box?.width ?? 0).toBeGreaterThan(32);
    expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual((head?.x ?? 0) + (head?.width ?? 0) + 1);
  }
});

test("the head of a pin that is too long for its column shows the end of the path", async ({ show }) => {
  const page = await show("now", { width: 760, height: 480 });
  for (const key of ["csrf_seed", "visits", "cart.total", "cart.items[0].a_long_name.total"])
    await page.evaluate((pin) => window.harness.models.view.pin(pin), key);
  const head = grid(page).getByRole("columnheader", { name: "total" }).last();
  const [name, cell] = await Promise.all([head.locator("bdi").boundingBox(), head.boundingBox()]);
  expect(name?.x ?? 0).toBeLessThan(cell?.x ?? 0);
  expect((name?.x ?? 0) + (name?.width ?? 0)).toBeLessThanOrEqual((cell?.x ?? 0) + (cell?.width ?? 0));
});

/** A double click at a person's speed: the panel is drawn again in between. */
async function doubleClickSlowly(page: Page, x: number, y: number): Promise<void> {
  await page.mouse.move(x, y);
  for (const clickCount of [1, 2]) {
    await page.mouse.down({ clickCount });
    await page.mouse.up({ clickCount });
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50))));
  }
}

test("a click does not scroll the rows, so a double click opens the field of the last row", async ({
  show,
}) => {
  const page = await show("now", { height: 700 });
  await fill(page);
  await page.setViewportSize({ width: 1180, height: 300 });
  const last = tree(page).getByRole("row").last();
  const spot = await last.evaluate((row) => {
    const scroller = row.closest(".virtual");
    if (scroller === null) throw new Error("the rows do not scroll");
    scroller.scrollTop += row.getBoundingClientRect().bottom - scroller.getBoundingClientRect().bottom;
    const box = row.getBoundingClientRect();
    return { x: box.left + 20, y: box.bottom - 5 };
  });
  await doubleClickSlowly(page, spot.x, spot.y);
  await expect(last.getByRole("textbox")).toHaveCount(1);
});
