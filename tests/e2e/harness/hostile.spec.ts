/** Session data is shown as text: no script runs, nothing is fetched, no element appears. */
import { expect, test } from "./fixture.ts";

test("thirty hostile values and their keys are shown as text only", async ({ show }) => {
  const page = await show("hostile", { height: 1200 });
  const tree = page.getByRole("treegrid", { name: "Session contents" });
  await expect(tree).toHaveAttribute("aria-rowcount", "52");
  for (const tab of ["Raw", "Cookie", "Changes", "Contents"])
    await page.getByRole("tab", { name: tab }).click();
  const found = await page.evaluate(() => ({
    pwned: "pwned" in window,
    polluted: "polluted" in {},
    strange: [
      ...document.querySelectorAll(
        "#panel script, #panel img, #panel iframe, #panel a, #panel svg, #panel style, #panel object, #panel b:not(.cookie-name)",
      ),
    ].map((each) => each.outerHTML.slice(0, 100)),
    hidden: getComputedStyle(document.body).display,
  }));
  expect(found).toEqual({ pwned: false, polluted: false, strange: [], hidden: "block" });
});

test("every hostile value is shown as it is stored", async ({ show }) => {
  const page = await show("hostile", { height: 1200 });
  const tree = page.getByRole("treegrid", { name: "Session contents" });
  await expect(tree.getByText('"<script>window.pwned=1</script>"')).toBeVisible();
  await expect(tree.getByText("\\u0000", { exact: false }).first()).toBeVisible();
  const rows = await tree.getByRole("row").count();
  expect(rows).toBeGreaterThanOrEqual(41);
});

test("a value of five megabytes is cut in its row and does not stop the panel", async ({ show }) => {
  const page = await show("hostile", { height: 1200 });
  const row = page
    .getByRole("treegrid", { name: "Session contents" })
    .getByRole("row")
    .filter({ hasText: "long:" });
  expect((await row.innerText()).length).toBeLessThan(400);
  const start = Date.now();
  await row.click();
  await page.getByRole("tab", { name: "Raw" }).click();
  await expect(page.getByRole("region", { name: "Raw" })).toBeVisible();
  expect(Date.now() - start).toBeLessThan(5000);
  const text = await page.evaluate(() => document.body.innerText.length);
  expect(text).toBeLessThan(200_000);
});

test("text that changes its writing direction stays inside its cell", async ({ show }) => {
  const page = await show("hostile", { height: 1200 });
  const row = page
    .getByRole("treegrid", { name: "Session contents" })
    .getByRole("row")
    .filter({ hasText: "bidi:" });
  const [key, value] = await Promise.all([
    row.locator(".leaf-key").boundingBox(),
    row.locator(".value").boundingBox(),
  ]);
  expect(key === null || value === null ? -1 : value.x - (key.x + key.width)).toBeGreaterThanOrEqual(0);
});

test("editing a hostile value keeps every byte", async ({ show }) => {
  const page = await show("hostile", { height: 1200 });
  const tree = page.getByRole("treegrid", { name: "Session contents" });
  await tree.getByRole("row").filter({ hasText: "nul:" }).dblclick();
  const field = page.getByRole("textbox", { name: "Value of nul" });
  await expect(field).toHaveValue('"before\\u0000after"');
  await field.press("Enter");
  await expect(field).toHaveCount(0);
  const edits = await page.evaluate(
    () => window.harness.world.server.asked.filter((each) => each.name === "edit").length,
  );
  expect(edits).toBe(0);
});
