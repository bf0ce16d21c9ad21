/** Other users' sessions, and users who do not see the screen. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect } from "@playwright/test";
import { BRIDGE_PATH } from "../../../server-bridge/src/protocol/index.ts";
import type { Surface, Theme } from "../driver.ts";
import { expectContents, expectRows, readRows } from "../panel.ts";
import type { Scenario, Stage } from "../scenario.ts";
import { addToCart, logIn } from "./story.ts";

/** What only the other user's session contains. The id counts only as a whole number, because times, durations and sizes contain such digits. */
const THEIRS = /jane_roe|cake|(?<![\d.])456(?![\d.]| ms|px)/;

export const otherUsers: readonly Scenario[] = [
  {
    name: "with two users in two browsers, neither panel learns anything about the other's session (T10)",
    async run(stage) {
      const ours = await stage.open();
      await logIn(ours.page);
      const theirs = await openInAnotherBrowser(stage);
      await logIn(theirs.page, { username: "jane_roe" });
      await addToCart(theirs.page, "cake");
      await expectContents(theirs.panel, /username ?: "jane_roe"/);
      await addToCart(ours.page, "tea");
      await expectRows(ours.panel, /POST \/cart .*\+cart/);

      const text = await ours.panel.evaluate(() => document.documentElement.outerHTML, null);
      expect(text).not.toMatch(THEIRS);
      const row = (await readRows(ours.panel)).filter((one) => one.includes("outside this tab"));
      expect(row).toEqual([]);

      // The panel's rights, used by hand: our cookie, and ids of traces that only the other user received.
      const cookie = (await stage.driver.cookies(stage.site.url)).find(
        ({ name }) => name === "sessionid",
      )?.value;
      const ids = await theirs.page.evaluate(readTraceIds, null);
      expect(ids.length).toBeGreaterThan(0);
      const told = await ours.panel.evaluate(askForTraces, {
        url: `${stage.site.url}${BRIDGE_PATH}traces`,
        cookie: cookie ?? "",
        ids,
      });
      expect(told).toMatch(/john_doe/);
      expect(told).not.toMatch(THEIRS);
    },
  },
];

export const accessibility: readonly Scenario[] = (["light", "dark"] as const).map((theme) => ({
  name: `axe finds nothing in the ${theme} theme`,
  async run(stage: Stage) {
    const { page, panel } = await openInAnotherBrowser(stage, theme);
    await logIn(page);
    await addToCart(page, "tea");
    await expectRows(panel, /POST \/login.*\+user_id/, /POST \/cart/);
    await expectContents(panel, /user_id/);
    expect(await runAxe(panel)).toEqual([]);
  },
}));

async function openInAnotherBrowser(stage: Stage, theme: Theme = "light") {
  const browser = await stage.startBrowser({ theme });
  const page = await browser.newPage();
  await page.goto(stage.site.url);
  const tools = await page.openTools();
  return { page, panel: await tools.showPanel() };
}

/** Runs in a page of the site: the trace ids of three more requests. */
async function readTraceIds(): Promise<string[]> {
  const answers = await Promise.all([fetch("/"), fetch("/"), fetch("/")]);
  return answers.flatMap(
    (answer) => /id=([\w-]{22})/.exec(answer.headers.get("session-trace") ?? "")?.[1] ?? [],
  );
}

/** Runs in the panel: what the stream sends within two seconds. */
async function askForTraces(given: { url: string; cookie: string; ids: string[] }): Promise<string> {
  const request = { protocol: 1, cookies: [given.cookie], ids: given.ids, since: null, process: null };
  const response = await fetch(given.url, {
    method: "POST",
    credentials: "omit",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(request),
    signal: AbortSignal.timeout(2000),
  });
  let text = "";
  try {
    for await (const chunk of response.body ?? []) text += new TextDecoder().decode(chunk);
  } catch {
    // the two seconds are over
  }
  return text;
}

/** One line for each violation that axe finds in a document. */
async function runAxe(panel: Surface): Promise<string[]> {
  const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  // Both browsers run a function from its source, so a library's source can be made a function too; no page's CSP prevents that.
  const run = new Function(
    `${source};
     return window.axe.run(document).then(({ violations }) => violations.flatMap(({ id, help, nodes }) =>
       nodes.map(({ target, failureSummary }) => [id, help, target.join(" "), failureSummary].join(" | "))));`,
  ) as () => Promise<string[]>; // made from source text, so it has no type
  return panel.evaluate(run, null);
}
