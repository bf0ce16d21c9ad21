/**
 * Responses that overlapped, in a real browser: an older cookie that arrived last, and chunks of two generations; and the nearest
 * situations in which the browser holds what the newest response asked.
 */
import { expect } from "@playwright/test";
import type { SitePage, Surface } from "../e2e/driver.ts";
import { expectContents, expectRows, expectText, PARTS, readText, SHOWN_MS } from "../e2e/panel.ts";
import type { Scenario, Stage } from "../e2e/scenario.ts";

const SITE = "tests/e2e/sites/crossed.ts";
/** Two chunks, and three. */
const [SHORT, LONG] = [1000, 3000];
const LATE = /the older app is back, which the newer response had deleted/;
const MIXED = /The chunks of app are not of one response/;

interface Place {
  page: SitePage;
  panel: Surface;
  url: string;
}

async function open(stage: Stage): Promise<Place> {
  const { url } = await stage.startSite(SITE);
  const page = await stage.newPage();
  await page.goto(`${url}/`);
  const tools = await page.openTools();
  return { page, panel: await tools.showPanel(), url };
}

/** The page fetches these, one after the other; the first of an inner list is not waited for. */
async function ask({ page }: Place, ...paths: (string | [string, ...string[]])[]): Promise<void> {
  await page.evaluate(async (all) => {
    for (const each of all) {
      const [first, ...rest] = [each].flat();
      const under = fetch(String(first));
      if (rest.length === 0) await under;
      for (const path of rest) await fetch(String(path));
      await under;
    }
    return null;
  }, paths);
}

async function whyOf(panel: Surface, path: string): Promise<string> {
  await panel.click({ role: "row", text: path, within: PARTS.requests });
  await panel.click({ role: "tab", name: "Why?" });
  return (await panel.texts({ role: "tabpanel" })).join(" ");
}

async function expectWhy(panel: Surface, path: string, words: RegExp): Promise<void> {
  await expect
    .poll(() => whyOf(panel, path), { message: `Why? of ${path}`, timeout: SHOWN_MS })
    .toMatch(words);
}

async function namesIn(stage: Stage, url: string): Promise<string[]> {
  return (await stage.driver.cookies(url)).map(({ name }) => name).sort();
}

export const crossed: readonly Scenario[] = [
  {
    name: "a cookie that was refreshed before a logout and arrived after it is reported at both rows",
    demo: false,
    async run(stage) {
      const place = await open(stage);
      const { panel, url } = place;
      await ask(place, `/save/${SHORT}`);
      await expectContents(panel, /username: "?john_doe/);
      await ask(place, [`/save/${SHORT}?held`, "/logout?after", "/release"]);
      expect(await namesIn(stage, url)).toEqual(["app.0", "app.1"]);
      await expectRows(panel, /held/, /\/logout/);
      await expectWhy(panel, "?held", LATE);
      await expectWhy(panel, "/logout", LATE);
      await expectText(panel, /older cookie arrived last/);
      await panel.click({ role: "button", name: "Now", exact: true });
      await ask(place, "/logout?really");
      await expect.poll(() => namesIn(stage, url)).toEqual([]);
      await expect
        .poll(() => readText(panel), { timeout: SHOWN_MS })
        .not.toMatch(/older cookie arrived last/);
      // the same in the order in which the server sent them
      await ask(place, `/save/${SHORT}`, [`/save/${SHORT}?held&kept`, "/release", "/logout?after-all"]);
      await expectRows(panel, /after-all/);
      await expectWhy(panel, "after-all", /is gone/);
      expect(await readText(panel)).not.toMatch(LATE);
    },
  },
  {
    name: "chunks of two responses are named, with the response that set each of them",
    demo: false,
    async run(stage) {
      const place = await open(stage);
      const { panel, url } = place;
      await ask(place, `/save/${LONG}`);
      await expectContents(panel, /username: "?john_doe/);
      await ask(place, `/save/${SHORT}?only=0`);
      expect(await namesIn(stage, url)).toEqual(["app.0", "app.1", "app.2"]);
      await expectText(panel, /The chunks of the session cookie do not belong together/);
      await expectText(panel, /app\.0 is of \d+ · GET \/save\/1000, app\.1 is of \d+ · GET \/save\/3000/);
      await expectWhy(panel, "?only=0", MIXED);
      await panel.click({ role: "button", name: "Now", exact: true });
      await ask(place, `/save/${LONG}?again`);
      await panel.click({ role: "tab", name: "Contents" });
      await expectContents(panel, /username: "?john_doe/);
      expect(await readText(panel)).not.toMatch(/do not belong together/);
    },
  },
];
