/** Every state of the panel, checked by axe: in `npm run test:field` in both themes, otherwise some of them in the dark one. */
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { DEVICES_NAMES, NAMES, type StateName } from "../../panel/harness/names.ts";
import { expect, type ShowOptions, test } from "./fixture.ts";

/** States that differ from others in size only. */
const SIZES: readonly StateName[] = ["many", "large", "countdowns"];
const EACH = [...NAMES, ...DEVICES_NAMES].filter((name) => !SIZES.includes(name));
const NARROW: readonly StateName[] = [
  "login",
  "editing",
  "conflict",
  "lost",
  "close-result",
  "fast-forward",
  "expiry",
  "settings",
  "edit-cookie",
  "devices",
  "devices-end",
];

/** The states in the dark theme: its colours are few, and these show them all. */
const DARK = process.env["SESSIONS_FIELD"] === "true" ? EACH : NARROW;

const looks: { name: string; states: readonly StateName[]; look: ShowOptions }[] = [
  { name: "light", states: EACH, look: { theme: "light" } },
  { name: "dark", states: DARK, look: { theme: "dark" } },
  { name: "narrow", states: NARROW, look: { theme: "light", width: 400, height: 640 } },
];

/** What opens on a click in the login state: popovers and tabs. */
const OPENED = [
  { role: "button", name: "Kinds" },
  { role: "button", name: "Snapshots" },
  { role: "button", name: "Export and import" },
  { role: "tab", name: "Why?" },
  { role: "tab", name: "Cookie" },
] as const;

for (const { name: looked, look } of [
  { name: "light", look: { theme: "light", height: 640 } },
  { name: "dark", look: { theme: "dark", height: 640 } },
  { name: "narrow", look: { theme: "light", width: 400, height: 640 } },
] satisfies { name: string; look: ShowOptions }[]) {
  for (const { role, name } of OPENED) {
    test(`axe finds nothing: ${name} opened, ${looked}`, async ({ show }) => {
      const page = await show("login", look);
      const opener = page.getByRole(role, { name });
      if (!(await opener.isVisible())) await page.getByRole("button", { name: "Tools" }).click();
      await opener.click();
      await expectNothing(page);
    });
  }
}

for (const { name, states, look } of looks) {
  for (const state of states) {
    test(`axe finds nothing: ${state}, ${name}`, async ({ show }) => {
      const page = await show(state, look);
      await expectNothing(page);
    });
  }
}

test("axe finds a control without a name and a text that is too pale, each in every place", async ({
  show,
}) => {
  const page = await show("login");
  await page.evaluate(() => {
    const box = document.createElement("div");
    box.style.cssText = "position:fixed;top:0;left:0;z-index:9;background:#fff";
    for (const _ of ["first", "second"]) {
      const pale = document.createElement("span");
      pale.style.cssText = "color:#ccc;background:#fff";
      pale.textContent = "a pale text";
      box.append(pale, document.createElement("button"));
    }
    document.body.append(box);
  });
  const found = (await findViolations(page)).map((violation) => violation.split(" ", 2).join(" "));
  for (const expected of ["color-contrast: <span", "button-name: <button></button>"])
    expect(found.filter((one) => one === expected)).toHaveLength(2);
});

async function expectNothing(page: Page): Promise<void> {
  expect(await findViolations(page)).toEqual([]);
}

/** A line for each place that breaks a rule of axe's. */
async function findViolations(page: Page): Promise<string[]> {
  // Legacy mode needs no second page, which exists for frames of other origins; the panel has none.
  const builder = new AxeBuilder({ page }).setLegacyMode(true);
  // Every rule runs; what passed is not described, which takes a third of axe's time and is read by no test.
  const { violations } = await builder.options({ resultTypes: ["violations"] }).analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary ?? ""}`),
  );
}
