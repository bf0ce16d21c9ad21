/**
 * Measured in the browser, at every size at which the panel is looked at: short values are whole, every control has a name, and a
 * text that is cut has a title that holds the whole.
 *
 * One theme is enough: themes differ in colours only. What zoom does to sizes is explained in `sizes.ts`.
 */
import type { CDPSession, Page } from "@playwright/test";
import type { StateName } from "../../panel/harness/names.ts";
import { SIZES } from "../../panel/harness/sizes.ts";
import { expect, test } from "./fixture.ts";

/** States that differ in what they show, not only in what they mean. */
const MEASURED: readonly StateName[] = [
  "demo",
  "login",
  "django",
  "changes",
  "why-many",
  "cookie",
  "edit-cookie",
  "editing",
  "conflict",
  "lost",
  "close-result",
  "expiry",
  "snapshots",
  "filtered",
  "no-bridge",
];

/** A value of at most so many characters is never cut. */
const SHORT = 12;

/** Roles of what can be pressed, chosen or typed into. */
const CONTROLS = new Set(
  "button checkbox radio switch textbox searchbox combobox spinbutton slider link tab menuitem option separator DisclosureTriangle".split(
    " ",
  ),
);

for (const state of MEASURED) {
  test(`${state}: short values are whole, controls have names, and cut texts have titles`, async ({
    show,
  }) => {
    const faults: string[] = [];
    for (const { name, width, height } of SIZES) {
      const page = await show(state, { width, height });
      const here = `${state} at ${width} × ${height} (${name})`;
      faults.push(...(await findFaults(page)).map((fault) => `${here}: ${fault}`));
    }
    expect(faults).toEqual([]);
  });
}

test("the measures see a value that is cut, a control without a name and a cut text without a title", async ({
  show,
}) => {
  const page = await show("login");
  const before = await findFaults(page);
  await page.evaluate(() => {
    const box = document.createElement("div");
    box.style.cssText = "position:fixed;top:0;left:0;width:40px;overflow:hidden;white-space:nowrap";
    const plain = document.createElement("span");
    plain.textContent = "a text without a title";
    const titled = document.createElement("p");
    titled.textContent = titled.title = "a text with a title";
    const button = document.createElement("button");
    box.append(plain, titled, button);
    document.body.append(box);
    const value = document.querySelector<HTMLElement>("[role=treegrid] .value");
    if (value === null) throw new Error("There is no value.");
    value.style.cssText = "display:block;width:0.5ch;overflow:hidden;flex:none;min-width:0";
    value.textContent = '"cut"';
    value.title = '"cut"';
  });
  expect((await findFaults(page)).filter((fault) => !before.includes(fault))).toEqual([
    'the short value "cut" is cut',
    "the text “a text without a title” is cut and has no title: ",
    "a control of the role button has no name: <button>",
  ]);
});

async function findFaults(page: Page): Promise<string[]> {
  const values = await page.evaluate(() =>
    window.harness.findCutTexts({ selector: "[role=treegrid] .value", across: true }),
  );
  const texts = await page.evaluate(() => window.harness.findCutTexts({ selector: "body", across: false }));
  return [
    ...values.filter(({ text }) => text.length <= SHORT).map(({ text }) => `the short value ${text} is cut`),
    ...texts
      .filter(({ titled }) => !titled)
      .map(({ text, place }) => `the text “${text.slice(0, 80)}” is cut and has no title: ${place}`),
    ...(await findNameless(page)),
  ];
}

/** Controls that the browser's own accessibility tree gives no name. */
async function findNameless(page: Page): Promise<string[]> {
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send("Accessibility.getFullAXTree");
  const nameless = nodes.filter(
    ({ ignored, role, name }) =>
      !ignored && CONTROLS.has(String(role?.value)) && String(name?.value ?? "").trim() === "",
  );
  const found: string[] = [];
  for (const { role, backendDOMNodeId } of nameless) {
    const where = await describeNode(session, backendDOMNodeId);
    found.push(`a control of the role ${role?.value} has no name: ${where}`);
  }
  await session.detach();
  return found;
}

async function describeNode(session: CDPSession, backendNodeId: number | undefined): Promise<string> {
  if (backendNodeId === undefined) return "unknown";
  const { node } = await session.send("DOM.describeNode", { backendNodeId });
  const pairs = node.attributes ?? [];
  const at = pairs.indexOf("class");
  return `<${node.localName}${at === -1 ? "" : `.${pairs[at + 1]}`}>`;
}
