/** A stock Django site with the package, `manage.py session_bridge` next to it, and the panel on the site. */
import { run } from "../../../scripts/machine/program.ts";
import { type Command, startCommand } from "../../django-package/command.ts";
import { VIEWS } from "../../django-package/pages.ts";
import {
  ADMIN,
  type ProjectOptions,
  type ServeOptions,
  type Site,
  startSite,
} from "../../django-package/site.ts";
import type { SitePage, Surface } from "../driver.ts";
import { expectPage, expectText } from "../panel.ts";
import type { Stage } from "../scenario.ts";

/** The site, its command, and a tab with the panel. */
export interface TracedDjango {
  site: Site;
  command: Command;
  page: SitePage;
  panel: Surface;
}

/** Starts all of it; it ends with the scenario. The site has the pages of `tests/django-package/pages.ts`. */
export async function openTracedDjango(
  stage: Stage,
  options: ProjectOptions & ServeOptions,
): Promise<TracedDjango> {
  const site = await startSite({ files: VIEWS, ...options });
  stage.later(() => site.stop());
  const command = await startCommand(site);
  stage.later(() => command.stop());
  return { site, command, ...(await openPanelOn(stage, site.url)) };
}

/** A tab on the site's first page, with the panel, which has found the bridge. */
export async function openPanelOn(stage: Stage, url: string): Promise<{ page: SitePage; panel: Surface }> {
  const page = await stage.newPage();
  await page.goto(`${url}/`);
  const panel = await (await page.openTools()).showPanel();
  await expectText(panel, /Django [\d.]+ · protocol/);
  return { page, panel };
}

/** Logs in with the form of Django's admin. */
export async function logInAsAdmin(page: SitePage, url: string): Promise<void> {
  await page.goto(`${url}/admin/`);
  await page.fill({ role: "textbox", name: "Username" }, ADMIN.username);
  await page.evaluate(fillPassword, ADMIN.password);
  await page.click({ role: "button", name: "Log in" });
  await expectPage(page, /Site administration/);
}

/** Logs out with the admin's button, which was a link before Django 4.1. */
export async function logOutAsAdmin(page: SitePage): Promise<void> {
  await page.evaluate(() => {
    const form = document.querySelector<HTMLFormElement>("#logout-form");
    const link = document.querySelector<HTMLAnchorElement>("a[href='/admin/logout/']");
    if (form !== null) form.requestSubmit();
    else link?.click();
    return null;
  }, null);
  await expectPage(page, /Logged out/);
}

/** The page fetches these paths at the same time; returns which of the responses name a trace. */
export async function fetchAtOnce(page: SitePage, ...paths: string[]): Promise<boolean[]> {
  return page.evaluate(async (all) => {
    const responses = await Promise.all(all.map((path) => fetch(path)));
    return responses.map(({ headers }) => headers.has("Session-Trace"));
  }, paths);
}

/** The page fetches these paths, one after the other; returns which of the responses name a trace. */
export async function fetchInTurn(page: SitePage, ...paths: string[]): Promise<boolean[]> {
  return page.evaluate(async (all) => {
    const named: boolean[] = [];
    for (const path of all) named.push((await fetch(path)).headers.has("Session-Trace"));
    return named;
  }, paths);
}

/** Where in `mysite/views.py` a line with these characters is: `mysite/views.py:12`. The first one after that view's `def`. */
export function lineOf(view: string, code: string): string {
  const lines = (VIEWS["mysite/views.py"] ?? "").split("\n");
  const start = lines.indexOf(`def ${view}(request):`);
  const at = lines.findIndex((line, index) => index > start && line.includes(code));
  if (start === -1 || at === -1) throw new Error(`[tests] no view ${view} with ${code}`);
  return `mysite/views.py:${at + 1}`;
}

/** The bridge's process, a child of the command. */
export async function bridgeProcessOf({ pid }: Command): Promise<number> {
  const { output } = await run("ps", ["-A", "-o", "pid=,ppid=,args="]);
  const line = output.split("\n").find((one) => new RegExp(`^\\s*\\d+\\s+${pid}\\s.*--by-command`).test(one));
  if (line === undefined) throw new Error(`[tests] the command has no bridge:\n${output}`);
  return Number(line.trim().split(/\s+/)[0]);
}

/** Runs in the page: a password field has no role by which `fill` could find it. */
function fillPassword(password: string): null {
  const field = document.querySelector<HTMLInputElement>("input[name=password]");
  if (field === null) throw new Error("there is no field for the password");
  field.value = password;
  return null;
}
