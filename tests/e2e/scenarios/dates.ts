/** Expiry dates of cookies: how the browser reads each, how we do, and what "Why?" says about it. */
import { expect } from "@playwright/test";
import { COOKIE_DATES, dayNextMonth, MAX_AGES, type Meaning, momentOf } from "../../protocol/cookie-dates.ts";
import type { BrowserCookie, Surface } from "../driver.ts";
import { PARTS, readCookies, SHOWN_MS } from "../panel.ts";
import type { Scenario, Stage } from "../scenario.ts";

const SITE = "tests/e2e/sites/dates.ts";
const CAP_MS = 400 * 86_400_000;

interface Place {
  panel: Surface;
  url: string;
  /** Requests a path of the site, and waits until it is in the timeline. */
  ask(path: string): Promise<void>;
}

async function open(stage: Stage, env: Record<string, string>): Promise<Place> {
  const { url } = await stage.startSite(SITE, env);
  const page = await stage.newPage();
  await page.goto(`${url}/before`);
  const tools = await page.openTools();
  const panel = await tools.showPanel();
  async function ask(path: string): Promise<void> {
    await page.evaluate((address) => fetch(address).then(() => null), path);
    const row = { role: "row", text: path, within: PARTS.requests };
    await expect.poll(() => panel.texts(row), { message: path, timeout: SHOWN_MS }).not.toEqual([]);
    await panel.click(row);
    await panel.click({ role: "tab", name: "Why?" });
  }
  return { panel, url, ask };
}

/** The sentences about each cookie, by its name. */
async function readSentences(panel: Surface, name: string): Promise<string> {
  const items = await panel.texts({ role: "listitem", within: { role: "region", name: "Why:" } });
  return items.filter((item) => new RegExp(`\\b${name}\\b`).test(item)).join(" ");
}

/** What a browser keeps of a cookie whose date has this meaning; for `unsure`, anything. */
function matchKept(cookie: BrowserCookie | undefined, meaning: Meaning, day: Date): string {
  if (meaning === "unsure") return "as it should";
  if (cookie === undefined) return meaning === "over" ? "as it should" : "gone";
  if (cookie.value !== "sent") return `not taken: ${cookie.value}`;
  const end = cookie.expirationDate === null ? null : cookie.expirationDate * 1000;
  const wanted = meaning === "capped" ? Date.now() + CAP_MS : momentOf(meaning, day);
  if (end === null || wanted === null) return end === wanted ? "as it should" : `ends ${end}`;
  // `Date` has whole seconds, and the browser uses it for its correction.
  return Math.abs(end - wanted) < 60_000 ? "as it should" : `ends ${new Date(end).toISOString()}`;
}

/** What a sentence says about a cookie's expiry. */
type Claim = "over" | "none" | "capped" | null;

function claimOf(said: string): Claim | "several" {
  const claims: Claim[] = [];
  if (/is gone|dropped/.test(said)) claims.push("over");
  if (/ends when the browser closes/.test(said)) claims.push("none");
  if (/400 days/.test(said)) claims.push("capped");
  return claims.length > 1 ? "several" : (claims[0] ?? null);
}

/** What the sentence may say: what the date means, or, if that is not known, how the browser read it, or nothing. */
function claimsFor(meaning: Meaning, cookie: BrowserCookie | undefined): readonly Claim[] {
  if (typeof meaning === "number") return [null];
  if (meaning !== "unsure") return [meaning];
  if (cookie === undefined) return ["over", null];
  return cookie.expirationDate === null ? ["none", null] : [null];
}

export const dates: readonly Scenario[] = [
  {
    name: "the browser, the panel and Why? agree on sixty cookie dates",
    async run(stage) {
      const day = dayNextMonth(new Date());
      const { panel, url, ask } = await open(stage, { DAY: String(day.getTime()) });
      await ask("/dates");
      const kept = new Map((await stage.driver.cookies(url)).map((cookie) => [cookie.name, cookie]));
      const last = COOKIE_DATES.findLastIndex((each) => each[stage.driver.name] === "none");
      await expect
        .poll(() => readSentences(panel, `d${last}`), { timeout: SHOWN_MS })
        .toMatch(/ends when the browser closes/);
      const wrong: string[] = [];
      for (const [at, vector] of COOKIE_DATES.entries()) {
        const meaning = vector[stage.driver.name];
        const found = matchKept(kept.get(`d${at}`), meaning, day);
        if (found !== "as it should") wrong.push(`${vector.text}: the browser's ${found}`);
        const said = await readSentences(panel, `d${at}`);
        const claim = claimOf(said);
        if (claim === "several" || !claimsFor(meaning, kept.get(`d${at}`)).includes(claim))
          wrong.push(`${vector.text}: Why? says ${said || "nothing"}`);
      }
      expect(wrong).toEqual([]);
    },
  },
  {
    name: "the browser and the panel agree on the ages of cookies",
    async run(stage) {
      const { url, ask } = await open(stage, { DAY: "0" });
      await ask("/ages");
      const kept = new Map((await stage.driver.cookies(url)).map((cookie) => [cookie.name, cookie]));
      const found = MAX_AGES.map(({ text }, at) => {
        const cookie = kept.get(`a${at}`);
        if (cookie === undefined) return { text, seconds: 0 };
        if (cookie.expirationDate === null) return { text, seconds: null };
        return { text, seconds: Math.round((cookie.expirationDate - Date.now() / 1000) / 60) * 60 };
      });
      expect(found).toEqual(MAX_AGES.map((each) => ({ text: each.text, seconds: each[stage.driver.name] })));
    },
  },
  {
    name: "an expiry from a server with a wrong clock is corrected by its Date, as the browser does",
    async run(stage) {
      const { panel, url, ask } = await open(stage, { DAY: "0", AHEAD_MS: "-7500000" });
      await ask("/in-an-hour"); // more than an hour ago by the browser's clock
      const kept = await stage.driver.cookies(url);
      expect(kept.find(({ name }) => name === "soon")?.value).toBe("1");
      await expect.poll(() => readSentences(panel, "soon"), { timeout: SHOWN_MS }).toMatch(/is new/);
      expect(await readSentences(panel, "soon")).not.toMatch(/passed|gone|dropped/);
      await ask("/an-hour-ago");
      await expect.poll(() => readSentences(panel, "soon"), { timeout: SHOWN_MS }).toMatch(/is gone/);
      expect((await readCookies(panel)).join("\n")).not.toMatch(/\bsoon\b/);
    },
  },
  {
    name: "a cookie sent with a date in another time zone is gone only in browsers that read the date as past",
    async run(stage) {
      const { panel, url, ask } = await open(stage, { DAY: "0" });
      await ask("/in-an-hour");
      await ask("/new-york"); // its clock says an hour ago, and its zone four hours from now
      const kept = (await stage.driver.cookies(url)).find(({ name }) => name === "soon");
      const said = () => readSentences(panel, "soon");
      if (stage.driver.name === "chromium") {
        expect(kept).toBeUndefined();
        await expect.poll(said, { timeout: SHOWN_MS }).toMatch(/is gone|dropped/);
      } else {
        expect(kept?.value).toBe("3");
        await expect.poll(said, { timeout: SHOWN_MS }).toMatch(/was replaced/);
        expect(await said()).not.toMatch(/is gone|dropped|passed/);
      }
    },
  },
];
