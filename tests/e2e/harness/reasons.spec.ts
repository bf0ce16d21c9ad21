/** "Why?" in docks of several heights: a line for each reason, opened if there is room, or by the user. */
import type { Locator, Page } from "@playwright/test";
import { expect, test } from "./fixture.ts";
import { tabTo } from "./keyboard.ts";

const region = (page: Page) => page.getByRole("region", { name: /^Why:/ });

/** Opens or closes a reason, and waits for the event by which the panel learns of it: that comes after the click. */
async function toggle(reason: Locator): Promise<void> {
  const toggled = reason.evaluate(
    (element) =>
      new Promise<void>((resolve) => {
        element.addEventListener("toggle", () => resolve(), { once: true });
      }),
  );
  await reason.locator("summary").click();
  await toggled;
}

/** How many reasons begin in view, and how many of them are open. */
async function count(page: Page) {
  return region(page).evaluate((element) => {
    const box = element.getBoundingClientRect();
    const reasons = [...element.querySelectorAll("details")];
    const seen = reasons.filter((each) => each.getBoundingClientRect().top + 18 <= box.bottom);
    return { all: reasons.length, seen: seen.length, open: reasons.filter((each) => each.open).length };
  });
}

for (const height of [250, 280, 300]) {
  test(`a dock of ${height} pixels shows four reasons or more, each on a line`, async ({ show }) => {
    const page = await show("why-many", { width: 1600, height });
    const { all, seen } = await count(page);
    expect(all).toBeGreaterThan(5);
    expect(seen).toBeGreaterThanOrEqual(4);
  });
}

test("all reasons are open if there is room for them", async ({ show }) => {
  const page = await show("why-many", { width: 1600, height: 1000 });
  const { all, open } = await count(page);
  expect(open).toBe(all);
  await page.setViewportSize({ width: 1600, height: 280 });
  await expect.poll(async () => (await count(page)).open).toBeLessThan(2);
});

test("a single reason is open however low the dock is", async ({ show }) => {
  const page = await show("why", { width: 1600, height: 200 });
  expect(await count(page)).toMatchObject({ all: 1, open: 1 });
});

test("a reason opens and closes by keyboard, and stays as it was chosen", async ({ show }) => {
  const page = await show("why-many", { width: 1600, height: 280 });
  const remedy = region(page).getByText(/^Send such requests one after another/);
  await expect(remedy).toBeHidden();
  await tabTo(page, "A change is lost");
  await page.keyboard.press("Enter");
  await expect(remedy).toBeVisible();
  await page.setViewportSize({ width: 1500, height: 270 });
  await expect(remedy).toBeVisible();
  await page.keyboard.press("Space");
  await expect(remedy).toBeHidden();
});

test("a reason that was opened or closed stays so while the others follow the room there is", async ({
  show,
}) => {
  const page = await show("why-many", { width: 1600, height: 280 });
  const reasons = region(page).locator("details");
  await toggle(reasons.nth(2));
  await page.setViewportSize({ width: 1600, height: 1000 });
  const { all } = await count(page);
  await expect.poll(async () => (await count(page)).open).toBe(all);
  await toggle(reasons.nth(1));
  await page.setViewportSize({ width: 1600, height: 280 });
  await expect.poll(async () => (await count(page)).open).toBeLessThan(3);
  await expect(reasons.nth(2)).toHaveAttribute("open");
  await page.setViewportSize({ width: 1600, height: 1000 });
  await expect.poll(async () => (await count(page)).open).toBe(all - 1);
  await expect(reasons.nth(1)).not.toHaveAttribute("open");
});

test("a closed reason tells its whole sentence in its title", async ({ show }) => {
  const page = await show("why-many", { width: 380, height: 480 });
  const closed = region(page).locator("details:not([open]) > summary");
  const isCut = (element: HTMLElement) => element.scrollWidth > element.clientWidth;
  await expect(closed.first()).toBeVisible();
  expect(await closed.first().evaluate(isCut)).toBe(true);
  const titles = await closed.evaluateAll((all) =>
    all.map((each) => [each.getAttribute("title"), each.textContent]),
  );
  expect(titles.length).toBeGreaterThan(3);
  for (const [title, text] of titles) expect(title).toBe(text);
});

test("a dock whose height changes leaves the reasons scrolled where they were", async ({ show }) => {
  const page = await show("why-many", { width: 1600, height: 250 });
  // Chromium's scroll anchoring hides most jumps; the panel must not need it.
  await page.addStyleTag({ content: ".reasons { overflow-anchor: none }" });
  for (const reason of await region(page).locator("details").all())
    if ((await reason.getAttribute("open")) === null) await reason.locator("summary").click();
  const { all, open } = await count(page);
  expect(open).toBe(all);
  const scrolled = await region(page).evaluate((element) => {
    element.scrollTop = 200;
    return element.scrollTop;
  });
  expect(scrolled).toBe(200);
  await page.setViewportSize({ width: 1600, height: 246 });
  // Sizes are observed after the layout of a frame, so they have been when the next one begins.
  const after = await region(page).evaluate(
    (element) =>
      new Promise<number>((resolve) => {
        requestAnimationFrame(() => requestAnimationFrame(() => resolve(element.scrollTop)));
      }),
  );
  expect(after).toBe(scrolled);
});
