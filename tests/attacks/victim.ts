/** The victim of an attack in a browser: a tab with a session and the panel open on it, and checks that both are unharmed. */
import { randomBytes } from "node:crypto";
import { expect } from "@playwright/test";
import type { BrowserDriver, SitePage, Surface, Tools } from "../e2e/driver.ts";
import { expectContents, expectPage, SHOWN_MS } from "../e2e/panel.ts";
import type { Stage } from "../e2e/scenario.ts";

const SITE = "tests/attacks/victim-site.ts";

/** A site whose sessions hold a canary. */
interface VictimSite {
  url: string;
  /** A value in the session that no page shows: anyone who has it has read the session. */
  canary: string;
}

/** A tab of that site, with its panel. */
interface Victim extends VictimSite {
  page: SitePage;
  tools: Tools;
  panel: Surface;
  /** The session cookie's value. */
  cookie: string;
  /** What an attacker must not get. */
  secrets: string[];
  /** The session as the server stores it under that cookie, without `visits`; requested outside any browser. */
  stored(): Promise<object>;
}

interface VictimOptions {
  /** Default: the stage's own browser. */
  driver?: BrowserDriver;
  /** Default: a site that is started here. */
  site?: VictimSite;
  env?: Record<string, string>;
  /** The site's host, if not `localhost`. */
  host?: string;
  path?: string;
}

/** Starts a site, and nothing else. */
export async function startVictimSite(
  stage: Stage,
  env: Record<string, string> = {},
  host = "localhost",
): Promise<VictimSite> {
  const canary = `canary-${randomBytes(8).toString("hex")}`;
  const { url } = await stage.startSite(SITE, { CANARY: canary, ...env });
  return { url: url.replace("localhost", host), canary };
}

/** Opens a tab on the site, its DevTools and the panel, and waits until that shows the session: an attack could show it too. */
export async function openVictim(stage: Stage, options: VictimOptions = {}): Promise<Victim> {
  const { driver = stage.driver, env, host, path = "/" } = options;
  const site = options.site ?? (await startVictimSite(stage, env, host));
  const { url, canary } = site;
  const page = await driver.newPage();
  if (driver === stage.driver) stage.later(() => page.close());
  await page.goto(url + path);
  const tools = await page.openTools();
  const panel = await tools.showPanel();
  if (env?.["SESSION_BRIDGE_TOKEN"] === undefined)
    await expectContents(panel, new RegExp(`note: "${canary}"`));
  const cookie = await readCookie(driver, url + path);
  const stored = async () => {
    const response = await fetch(`${url.replace(/\/\/[^:]+:/, "//127.0.0.1:")}/stored`, {
      headers: { cookie: `sessionid=${cookie}` },
    });
    const { visits: _, ...rest } = await response.json();
    return rest;
  };
  return { url, canary, page, tools, panel, cookie, secrets: [canary, cookie], stored };
}

/** The session cookie's value in the browser. */
export async function readCookie(driver: BrowserDriver, url: string): Promise<string> {
  const cookie = (await driver.cookies(url)).find(({ name }) => name === "sessionid")?.value ?? "";
  expect(cookie, "a session cookie").not.toBe("");
  return cookie;
}

/** Nothing that reached the attacker contains a secret; the session and its cookie are unchanged. */
export async function expectNothingGot(
  victim: Victim,
  received: readonly string[],
  driver: BrowserDriver,
): Promise<void> {
  expect(received.filter((text) => victim.secrets.some((secret) => text.includes(secret)))).toEqual([]);
  await expectUnchanged(victim, driver);
}

/** Cookie and session are unchanged. */
export async function expectUnchanged(victim: Victim, driver: BrowserDriver): Promise<void> {
  const { url, cookie, canary } = victim;
  expect(
    (await driver.cookies(url)).filter(({ name }) => name === "sessionid").map(({ value }) => value),
  ).toEqual([cookie]);
  expect(await victim.stored()).toEqual({ note: canary });
}

/** Visits the page once more and waits until the panel shows that visit: by then everything earlier is done. */
export async function visitAgain({ page, panel }: Pick<Victim, "page" | "panel">): Promise<void> {
  await page.reload();
  await expectPage(page, /Visits: \d+/);
  const text = await page.evaluate(() => document.body.innerText, null);
  await expectContents(panel, new RegExp(`visits: ${/Visits: (\d+)/.exec(text)?.[1]}\\b`));
}

/** Waits until this is true, if no event reports it. */
export function expectSoon(what: string, isTrue: () => boolean | Promise<boolean>): Promise<void> {
  return expect.poll(isTrue, { message: what, timeout: SHOWN_MS }).toBe(true);
}
