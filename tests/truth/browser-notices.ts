/** The notices in a real browser: each is shown in its case, and replaced in the nearest situation in which it would be false. */
import { randomBytes } from "node:crypto";
import { expect } from "@playwright/test";
import type { SitePage, Surface } from "../e2e/driver.ts";
import { expectContents, expectText, PARTS, readText, SHOWN_MS } from "../e2e/panel.ts";
import type { Scenario, Stage } from "../e2e/scenario.ts";

/** A play, and the notices whose case and counter-case it contains. */
interface NoticePlay extends Scenario {
  notices: readonly string[];
}

const FILES = "tests/e2e/sites/why.ts";
const FOREIGN = "tests/e2e/sites/foreign.ts";
const CLEAR = { role: "button", name: "Clear", exact: true };

interface Place {
  page: SitePage;
  panel: Surface;
  url: string;
}

async function open(
  stage: Stage,
  entry = FILES,
  env: Record<string, string> = {},
  path = "/",
): Promise<Place & { site: Awaited<ReturnType<Stage["startSite"]>> }> {
  const site = await stage.startSite(entry, env);
  const page = await stage.newPage();
  await page.goto(site.url + path);
  const tools = await page.openTools();
  return { page, panel: await tools.showPanel(), url: site.url, site };
}

/** The page fetches these paths, one after the other. */
async function ask({ page, url }: Pick<Place, "page" | "url">, ...paths: string[]): Promise<void> {
  await page.evaluate(
    async (all) => {
      for (const each of all) await fetch(each, { mode: "no-cors", credentials: "include" });
      return null;
    },
    paths.map((path) => url + path),
  );
}

async function choose(panel: Surface, path: string, shift = false): Promise<void> {
  const row = { role: "row", text: path, within: PARTS.requests };
  await expect.poll(() => panel.texts(row), { message: path, timeout: SHOWN_MS }).not.toEqual([]);
  await panel.click(row, shift ? { modifiers: ["Shift"] } : {});
}

async function show(panel: Surface, tab: "Contents" | "Changes" | "Cookie" | "Raw" | "Why?"): Promise<void> {
  await panel.click({ role: "tab", name: tab });
}

/** Expects the notice's words. */
async function says(panel: Surface, words: RegExp): Promise<void> {
  await expectText(panel, words);
}

/** Expects the notice's replacement, and not the notice. */
async function saysInstead(panel: Surface, instead: RegExp, words: RegExp): Promise<void> {
  await expectText(panel, instead);
  expect(await readText(panel)).not.toMatch(words);
}

const SESSION_OF_NOW: NoticePlay = {
  name: "notices about the current session",
  notices: ["no-session-yet", "no-such-session", "no-raw-text", "no-cookie-chosen", "no-session-cookie"],
  async run(stage) {
    const place = await open(stage);
    const { panel } = place;
    const [none, gone] = [/It appears here by itself/, /The server holds no such session/];
    await says(panel, none);
    await says(panel, /Its cookie appears here/);
    await show(panel, "Raw");
    await says(panel, /No stored text to show/);
    await show(panel, "Cookie");
    await says(panel, /No cookie is selected/);
    await ask(place, "/set/cart");
    await show(panel, "Contents");
    await expectContents(panel, /cart: 123/);
    for (const words of [none, gone, /Its cookie appears here/])
      expect(await readText(panel)).not.toMatch(words);
    await show(panel, "Raw");
    await saysInstead(panel, /Encoded/, /No stored text to show/);
    await show(panel, "Cookie");
    await saysInstead(panel, /HttpOnly/, /No cookie is selected/);
    await ask(place, "/forget");
    await show(panel, "Contents");
    await saysInstead(panel, gone, none);
  },
};

const SIGNATURE: NoticePlay = {
  name: "notices about a damaged cookie",
  notices: ["not-opened"],
  async run(stage) {
    const place = await open(stage, FILES, { ENGINE: "signed-cookies" });
    await ask(place, "/set/cart");
    await expectContents(place.panel, /cart: 123/);
    await ask(place, "/tamper");
    await saysInstead(place.panel, /cannot be opened/, /holds no such session/);
    const files = await open(stage);
    await ask(files, "/tamper");
    await saysInstead(files.panel, /holds no such session/, /cannot be opened/);
  },
};

const ROWS: NoticePlay = {
  name: "notices about a row without a session",
  notices: ["row-ended-session", "row-without-session", "row-did-not-look", "row-under-way"],
  async run(stage) {
    const place = await open(stage);
    const { panel, page, url } = place;
    const [ended, never] = [/The session that was there before is gone/, /There was none before it/];
    const unseen = /neither read nor wrote it/;
    await ask(place, "/read");
    await choose(panel, "/read");
    await saysInstead(panel, never, ended);
    await ask(place, "/plain");
    await choose(panel, "/plain");
    await saysInstead(panel, unseen, never);
    await ask(place, "/set/cart", "/logout");
    await choose(panel, "/logout");
    await saysInstead(panel, ended, unseen);
    await page.evaluate(async (address) => {
      void fetch(address);
      return null;
    }, `${url}/held/tea`);
    await choose(panel, "/held/tea");
    await says(panel, /This request is under way/);
    await ask(place, "/meanwhile/cake");
    await expectContents(panel, /tea: "held"/);
    expect(await readText(panel)).not.toMatch(/This request is under way/);
  },
};

const ROWS_WITHOUT_BRIDGE: NoticePlay = {
  name: "notices about a row of a server without a bridge, and about the server",
  notices: ["row-not-traced", "no-bridge", "changes-not-known", "cannot-compare"],
  async run(stage) {
    const place = await open(stage, FOREIGN);
    const { panel } = place;
    const unknown = /What this request did is not known/;
    await says(panel, /No bridge answers at localhost/);
    await ask(place, "/first", "/second");
    await choose(panel, "/first");
    await saysInstead(panel, unknown, /neither read nor wrote it/);
    await show(panel, "Changes");
    await saysInstead(panel, unknown, /No difference/);
    await choose(panel, "/second", true);
    await says(panel, /These two cannot be compared/);
    const traced = await open(stage);
    await ask(traced, "/plain", "/set/cart", "/read");
    await saysInstead(traced.panel, /cart/, /No bridge answers/);
    await choose(traced.panel, "/plain");
    await saysInstead(traced.panel, /neither read nor wrote it/, unknown);
    await show(traced.panel, "Changes");
    await saysInstead(traced.panel, /did not look at the session/, unknown);
    await choose(traced.panel, "/set/cart");
    await choose(traced.panel, "/read", true);
    await saysInstead(traced.panel, /the same after both/, /cannot be compared/);
  },
};

const CHANGES: NoticePlay = {
  name: "notices when there is no change to show",
  notices: [
    "no-row-chosen",
    "no-difference",
    "only-new-key",
    "row-left-unseen",
    "no-session-to-change",
    "same-after-both",
  ],
  async run(stage) {
    const place = await open(stage);
    const { panel } = place;
    await show(panel, "Changes");
    await says(panel, /Choose a request/);
    await ask(place, "/read");
    await choose(panel, "/read");
    await saysInstead(
      panel,
      /There was no session before this request/,
      /Choose a request|did not change the session's data/,
    );
    await panel.click(CLEAR);
    await ask(place, "/set/cart", "/read", "/plain", "/call/cycleKey");
    await choose(panel, "/read");
    await saysInstead(panel, /did not change the session's data/, /There was no session|new key and did not/);
    await choose(panel, "/plain");
    await saysInstead(panel, /did not look at the session/, /did not change the session's data/);
    await choose(panel, "/call/cycleKey");
    await saysInstead(panel, /a new key and did not change its data/, /This request did not change/);
    await choose(panel, "/set/cart");
    await saysInstead(panel, /cart/, /No difference/);
    await choose(panel, "/read", true);
    await says(panel, /the same after both/);
  },
};

const LISTS: NoticePlay = {
  name: "notices in empty lists",
  notices: ["listening", "paused", "rows-hidden", "kinds-hidden", "no-cookies"],
  async run(stage) {
    const place = await open(stage);
    const { panel } = place;
    await panel.click(CLEAR);
    await says(panel, /Listening/);
    await panel.click({ role: "button", name: "Stop recording" });
    await saysInstead(panel, /Recording is paused/, /Listening/);
    await panel.click({ role: "button", name: "Record", exact: true });
    await saysInstead(panel, /Listening/, /Recording is paused/);
    await ask(place, "/plain");
    await panel.fill({ role: "searchbox", name: "Filter requests" }, "key:nothing");
    await saysInstead(panel, /Nothing matches “key:nothing”/, /Listening/);
    await panel.click({ role: "button", name: "Clear filter" });
    await saysInstead(panel, /\/plain/, /Nothing matches/);
    await panel.click({ role: "button", name: "Kinds", exact: true });
    await panel.click({ role: "checkbox", name: "Documents" });
    await panel.click({ role: "checkbox", name: "Fetch/XHR" });
    await panel.press("Escape");
    await saysInstead(panel, /of (a kind|kinds) that (is|are) not shown/, /Nothing matches|Listening/);
    await panel.click({ role: "button", name: "Show all kinds" });
    await saysInstead(panel, /\/plain/, /not shown/);
    await panel.click({ role: "button", name: "Watch all cookies" });
    await saysInstead(panel, /This page and its frames have no cookies/, /Its cookie appears here/);
    await ask(place, "/set/cart");
    await saysInstead(panel, /sessionid[\s\S]*HttpOnly/, /have no cookies/);
  },
};

const SERVER: NoticePlay = {
  name: "notices about a server that is down",
  notices: ["lost", "unreachable"],
  async run(stage) {
    const { page, panel, site, url } = await open(stage);
    await ask({ page, url }, "/set/cart");
    await expectContents(panel, /cart: 123/);
    const second = await stage.newPage();
    await second.goto(`${url}/`);
    await site.kill();
    await saysInstead(panel, /Lost the server/, /The server does not answer/);
    const away = await (await second.openTools()).showPanel();
    await saysInstead(away, /The server does not answer/, /Lost the server|No bridge answers/);
    await site.start();
    await saysInstead(away, /cart/, /The server does not answer/);
    await expect.poll(() => readText(panel), { timeout: SHOWN_MS }).not.toMatch(/Lost the server/);
  },
};

const REFUSALS: NoticePlay = {
  name: "notices about a bridge that refuses, or has another version",
  notices: ["refused", "other-version"],
  async run(stage) {
    const [refused, version] = [/The server refused the panel/, /speak different versions/];
    const token = randomBytes(32).toString("base64url");
    const asking = await open(stage, "examples/express/server.ts", { SESSION_BRIDGE_TOKEN: token });
    await saysInstead(asking.panel, refused, version);
    await stage.driver.clearCookies();
    const newer = await open(stage, "tests/e2e/sites/newer.ts");
    await saysInstead(newer.panel, version, refused);
    await stage.driver.clearCookies();
    const plain = await open(stage);
    await saysInstead(plain.panel, /No session yet/, version);
  },
};

const SHARED: NoticePlay = {
  name: "notices about two apps with one cookie name",
  notices: ["shared-cookie"],
  async run(stage) {
    const words = /cookies ignore ports/;
    const { page, panel, url } = await open(stage);
    const ports = await page.evaluate(async () => (await fetch("/ports")).json(), null);
    const again = `http://localhost:${Array.isArray(ports) ? ports[1] : 0}`;
    await ask({ page, url }, "/set/cart");
    await page.goto(`${again}/`);
    await ask({ page, url: again }, "/set/tea");
    await expectContents(panel, /tea: 123/);
    await saysInstead(panel, /cart/, words);
    const other = await stage.startSite(FILES);
    await page.goto(`${other.url}/`);
    await ask({ page, url: other.url }, "/set/milk");
    await says(panel, words);
  },
};

const ELSEWHERE: NoticePlay = {
  name: "notices about a page whose session is on another server of its site",
  notices: ["cookies-elsewhere"],
  async run(stage) {
    const words = /Another server of this site has cookies/;
    const site = await stage.startSite(FOREIGN);
    const [www, api] = ["www", "api"].map((name) => site.url.replace("localhost", `${name}.app.localhost`));
    const page = await stage.newPage();
    await page.goto(`${www}/`);
    const panel = await (await page.openTools()).showPanel();
    await saysInstead(panel, /Its cookie appears here/, words);
    await ask({ page, url: api ?? "" }, "/php", "/php");
    await saysInstead(panel, words, /Its cookie appears here/);
    await ask({ page, url: www ?? "" }, "/php");
    await saysInstead(panel, /PHPSESSID[\s\S]*PHP/, words);
  },
};

/** All plays. */
export const NOTICE_PLAYS: readonly NoticePlay[] = [
  SESSION_OF_NOW,
  SIGNATURE,
  ROWS,
  ROWS_WITHOUT_BRIDGE,
  CHANGES,
  LISTS,
  SERVER,
  REFUSALS,
  SHARED,
  ELSEWHERE,
];
