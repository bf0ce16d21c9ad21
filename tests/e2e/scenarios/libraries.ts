/** Apps on other libraries, unchanged except for their one line: the same demo on each. `express-session.ts` has that of express-session. */
import { expect } from "@playwright/test";
import type { SitePage, Surface } from "../driver.ts";
import {
  expectContents,
  expectPage,
  expectRows,
  expectText,
  PARTS,
  readSecondsLeft,
  SHOWN_MS,
} from "../panel.ts";
import { expectReadOnly, retype, simulateClose } from "../panel-acts.ts";
import type { Scenario } from "../scenario.ts";
import { logIn, logOut } from "./story.ts";

interface Library {
  name: string;
  cookie: string;
  /** False: the cookie contains the whole session, so it can only be read. */
  edits: boolean;
  /** True: its sessions have the form of another's in this list, and its demo is played in the field. */
  isAlike?: true;
}

const LIBRARIES: readonly Library[] = [
  { name: "@fastify/session", cookie: "sessionId", edits: true },
  { name: "koa-session", cookie: "koa.sess", edits: true, isAlike: true },
  { name: "cookie-session", cookie: "session", edits: false, isAlike: true },
  { name: "iron-session", cookie: "iron", edits: false },
  { name: "@fastify/secure-session", cookie: "session", edits: false, isAlike: true },
];

export const libraries: readonly Scenario[] = LIBRARIES.map((library) => ({
  name: `an app on ${library.name} shows the demo: login, countdown, ${library.edits ? "edit" : "no edit, and why"}, simulated close`,
  inField: library.isAlike ? ["chromium", "firefox"] : ["firefox"],
  async run(stage) {
    const site = await stage.startSite("tests/e2e/sites/libraries.ts", { LIBRARY: library.name });
    const page = await stage.newPage();
    await page.goto(site.url);
    const panel = await (await page.openTools()).showPanel();
    await logIn(page);
    await expectRows(panel, /POST \/login 302 .*\+user_id.*123.*john_doe/, /GET \/ 200/);
    await panel.click({ role: "row", text: "/login", within: PARTS.requests });
    await panel.click({ role: "tab", name: "Changes" });
    await expectText(panel, /user_id\s+–\s+123/);
    await panel.click({ role: "button", name: "Now" });
    await panel.click({ role: "tab", name: "Contents" });
    await expectContents(panel, /user_id: 123/);
    await expectHour(panel, library);
    if (library.edits) await edit(page, panel);
    else await expectReadOnly(panel, library.name, "username");

    await logOut(page);
    await expectRows(panel, /POST \/logout .*flushed/);
    await logIn(page, { ends: "with the browser" });
    await expectContents(panel, /user_id: 123/);
    await simulateClose(panel);
    await expectText(panel, /still accepts the old cookie/);
    await expectPage(page, /Log in/);
  },
}));

async function expectHour(panel: Surface, { cookie }: Library): Promise<void> {
  await expect.poll(() => readSecondsLeft(panel, cookie), { timeout: SHOWN_MS }).toBeGreaterThan(3480);
  // A browser adjusts Expires by the difference between its clock and the response's Date, which has whole seconds.
  expect(await readSecondsLeft(panel, cookie)).toBeLessThanOrEqual(3601);
}

async function edit(page: SitePage, panel: Surface): Promise<void> {
  await retype(panel, "username", '"ada"');
  await expectRows(panel, /changed in this panel.*~username/);
  await page.reload();
  await expectPage(page, /Hello, ada/);
}
