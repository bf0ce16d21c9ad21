/** Every state of the panel, checked by axe: in `npm run test:field` in both themes, otherwise some of them in the dark one. */
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { NAMES, type StateName } from "../../panel/harness/names.ts";
import { expect, type ShowOptions, test } from "./fixture.ts";

/** States that differ from others in size only. */
const SIZES: readonly StateName[] = ["many", "large", "countdowns"];
const EACH = NAMES.filter((name) => !SIZES.includes(name));
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

async function expectNothing(page: Page): Promise<void> {
  // Legacy mode needs no second page, which exists for frames of other origins; the panel has none.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
  const found = violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary ?? ""}`),
  );
  expect(found).toEqual([]);
}
