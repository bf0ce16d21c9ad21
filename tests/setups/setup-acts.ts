/** What a user does in a set-up: opens the page with the tab, logs in, and does what a notice says. */
import { join } from "node:path";
import { test } from "@playwright/test";
import { ROOT } from "../../scripts/machine/program.ts";
import type { BrowserDriver, SitePage, Surface } from "../e2e/driver.ts";
import { expectContents, expectRows, expectText } from "../e2e/panel.ts";
import type { Stage } from "../e2e/scenario.ts";
import type { Part } from "./machine.ts";
import { HERE, startProgram } from "./program.ts";
import type { Setup } from "./setup.ts";

/** A page with the panel on it. */
export interface Opened {
  page: SitePage;
  panel: Surface;
}

/** The button of the small apps' page. */
export const LOG_IN = { role: "button", name: "Log in" };

/** Starts a set-up until the scenario's end. Without what it needs, the scenario is skipped. */
export async function started<S extends Pick<Setup, "stop">>(
  stage: Stage,
  start: () => Promise<S>,
  needs?: Part,
): Promise<S> {
  // Looks at the machine when it is imported, which those who only want the scenarios' names need not.
  const { isMissing } = await import("./machine.ts");
  test.info().skip(isMissing(needs), `${needs} is missing`);
  const setup = await start();
  stage.later(setup.stop);
  return setup;
}

/** Opens the page and the panel on it. */
export async function openPage(stage: Stage, driver: BrowserDriver, pageUrl: string): Promise<Opened> {
  const page = await driver.newPage();
  stage.later(() => page.close());
  await page.goto(`${pageUrl}/`);
  return { page, panel: await (await page.openTools()).showPanel() };
}

/** Opens the page and the panel on it, and presses Log in. */
export async function openAndLogIn(stage: Stage, driver: BrowserDriver, pageUrl: string): Promise<Opened> {
  const opened = await openPage(stage, driver, pageUrl);
  await opened.page.click(LOG_IN);
  return opened;
}

/**
 * Waits for a notice, and does what it says: copies its lines into the app's environment, and starts the app again.
 *
 * @returns what was copied, by the names of the variables
 */
export async function doAsNoticeSays(
  panel: Surface,
  notice: RegExp,
  { restart }: Pick<Setup, "restart">,
): Promise<Record<string, string>> {
  await expectText(panel, notice);
  const shown = await panel.evaluate(readLines, null);
  const lines = shown.filter((line) => /^[A-Z_]+=/.test(line));
  for (const line of lines) {
    const name = line.startsWith("SESSION_BRIDGE_TOKEN=") ? "Copy the token" : "Copy the line";
    await panel.click({ role: "button", name });
  }
  await restart(lines);
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
}

/** A token, as `npx session-bridge token` prints it. */
export async function printToken(): Promise<string> {
  const cli = join(ROOT, "server-bridge/src/cli/main.ts");
  const command = [process.execPath, "--no-warnings", "--conditions=sessions-source", cli, "token"];
  const { found, stop } = await startProgram(command, { cwd: HERE, said: /^([\w-]{43})$/m });
  await stop();
  return found;
}

/** Runs in the panel: the lines that the notice offers to copy. */
function readLines(): string[] {
  return Array.from(document.querySelectorAll(".copy-lines code"), ({ textContent }) => textContent ?? "");
}

/** The sessions of the app are gone with its process. */
export async function logInAgain({ page, panel }: Opened): Promise<void> {
  await page.reload();
  await page.click(LOG_IN);
  await expectLogin(panel);
}

/** Waits until the panel shows the login: what it wrote, and the session. */
export async function expectLogin(panel: Surface): Promise<void> {
  await expectRows(panel, /POST \/api\/login 200.*\+user_id/);
  await expectContents(panel, /user_id: 123\b/);
}
