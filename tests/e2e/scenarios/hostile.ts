/** Session data is shown as text in the real panel: no script runs, nothing is fetched, no element appears (T14). */
import { createServer } from "node:http";
import { expect } from "@playwright/test";
import { HOSTILE, HOSTILE_KEYS } from "../../panel/harness/hostile.ts";
import type { Surface } from "../driver.ts";
import { expectContents, expectRows, expectText, PARTS, SHOWN_MS } from "../panel.ts";
import type { Scenario, Stage } from "../scenario.ts";

/** Part of a requested path; a page may request any path. */
const PATH = '<img src=x onerror="window.pwned=1">';
/** What is typed in place of a value. */
const TYPED = "</style><iframe src=//localhost:9></iframe>\u202E{{pwned=1}}";

/** Branches from last to first, so that none is pushed out of view, and what is visible in each. */
const OPENED = [
  ["__proto__", /polluted: true/],
  ["list", /^0: 0$/m],
  ["deep", /^level4: \{1\}$/m],
] as const;

export const hostile: readonly Scenario[] = [
  {
    name: "thirty hostile values and their keys are shown as text only in every part, and an undone edit restores the stored value exactly",
    async run(stage) {
      const { counter, hits } = await startCounter(stage);
      const { page, panel, site, readStored } = await openFilled(stage, counter);

      await expectRows(panel, /POST \/fill\/.*img.* 200 .*\+script/);
      await panel.click({ role: "row", text: "/fill/", within: PARTS.requests });
      await panel.click({ role: "tab", name: "Changes" });
      await expectText(panel, /\+\s*image\s+(?:\S+:\d+\s+)?–\s+"<img src=x onerror=\\"window.pwned=1\\">"/);
      expect(await panel.evaluate(findHarm, site)).toEqual([]);
      await panel.click({ role: "tab", name: "Why?" });
      await expectText(panel, /<b>name<\/b> is new/);
      expect(await panel.evaluate(findHarm, site)).toEqual([]);

      await panel.click({ role: "button", name: "Now" });
      await panel.click({ role: "tab", name: "Contents" });
      await expectContents(panel, /script: "<script>/);
      const before = await readStored();
      await panel.evaluate(scrollTree, Object.keys(HOSTILE).indexOf("lone"));
      await panel.click({ role: "row", name: "lone :", within: PARTS.contents }, { double: true });
      await panel.fill({ role: "textbox", name: "Value of lone" }, TYPED);
      await panel.press("Enter");
      await expectContents(panel, /lone: "<\/style><iframe/);
      expect(await panel.evaluate(findHarm, site)).toEqual([]);
      expect(await readStored()).not.toBe(before);
      await panel.click({ role: "button", name: "Undo" });
      await expectContents(panel, /lone: "\\ud800 lone \\udc00"/);
      expect(await readStored()).toBe(before);

      await page.evaluate(lengthen, null);
      await expectTree(panel, counter);
      const names = expected(counter).map(([name]) => name);
      for (const [key, opened] of OPENED) {
        await panel.evaluate(scrollTree, names.indexOf(key));
        await panel.click({ role: "row", name: `${key} :`, within: PARTS.contents });
        for (let press = 0; press < 8; press += 1) await panel.press("ArrowRight");
        await expectContents(panel, opened);
      }
      expect(await panel.evaluate(findHarm, site)).toEqual([]);

      await panel.click({ role: "tab", name: "Raw" });
      await expectText(panel, /"script":"<script>window.pwned=1<\/script>"/);
      expect(await panel.evaluate(findHarm, site)).toEqual([]);
      await panel.click({ role: "option", name: "<b>name</b>", within: PARTS.cookies });
      await panel.click({ role: "tab", name: "Cookie" });
      await expectText(panel, /<script>window.pwned=1<\/script>/);
      expect(await panel.evaluate(findHarm, site)).toEqual([]);

      expect(await page.evaluate(() => "pwned" in window || "polluted" in {}, null)).toBe(false);
      expect(hits).toEqual([]);
    },
  },
];

/** A server that must not receive any request. */
async function startCounter(stage: Stage): Promise<{ counter: string; hits: string[] }> {
  const hits: string[] = [];
  const server = createServer((request, response) => {
    hits.push(String(request.url));
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  stage.later(async () => server.close());
  return { counter: `http://127.0.0.1:${Object(server.address()).port}`, hits };
}

/** A site whose session is full of hostile values, and the panel. */
async function openFilled(stage: Stage, counter: string) {
  const { url } = await stage.startSite("tests/e2e/sites/hostile.ts", { COUNTER: counter });
  const page = await stage.newPage();
  await page.goto(url);
  const panel = await (await page.openTools()).showPanel();
  await page.evaluate(async (path) => {
    await fetch(`/fill/${encodeURIComponent(path)}`, { method: "POST" });
    return null;
  }, PATH);
  const readStored = async () => {
    const key = (await stage.driver.cookies(url)).find(({ name }) => name === "sessionid")?.value;
    return (await fetch(`${url}/stored`, { headers: { cookie: `sessionid=${key}` } })).text();
  };
  return { page, panel, site: url, readStored };
}

/** Runs in the page: adds the value of five megabytes. */
async function lengthen(): Promise<null> {
  await fetch("/lengthen", { method: "POST" });
  return null;
}

function expectTree(panel: Surface, counter: string): Promise<void> {
  return expect.poll(() => panel.evaluate(readTree, null), { timeout: SHOWN_MS }).toEqual(expected(counter));
}

/** What the tree shows for every key: its name and its stored JSON, both cut if they are long. */
function expected(counter: string): [string, string][] {
  const values = Object.entries(HOSTILE).map(([key, value]): [string, string] => {
    if (Array.isArray(value)) return [key, `[${value.length}]`];
    if (typeof value === "object") return [key, "{1}"];
    // Stored JSON is ASCII, as Django's is.
    const json = JSON.stringify(value)
      .replaceAll("http://127.0.0.1:9", counter)
      .replace(/[\u007f-\uffff]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`);
    return [key, json.length > 200 ? `${json.slice(0, 200)}…` : json];
  });
  // Each of these keys holds a small value, so it is expanded.
  const keys = HOSTILE_KEYS.flatMap((key): [string, string][] => [
    [key.length > 120 ? `${key.slice(0, 120)}…` : key || '""', "{1}"],
    ["polluted", "true"],
  ]);
  return [...values, ...keys];
}

/** Runs in the panel: every row of the tree in order, with the exact name and value. It scrolls to the end, since only few are in the document. */
async function readTree(): Promise<[string, string][]> {
  const scroller = document.querySelector("[role=treegrid]")?.closest(".virtual");
  const rows = new Map<number, [string, string]>();
  if (!scroller) return [];
  for (
    let top = 0;
    top <= scroller.scrollHeight && top < 4000;
    top += Math.max(scroller.clientHeight / 2, 40)
  ) {
    scroller.scrollTop = top;
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    for (const row of scroller.querySelectorAll("[role=row]")) {
      const [name, value] = [".leaf-name", ".value"].map(
        (each) => row.querySelector(each)?.textContent ?? "",
      );
      rows.set(Number(row.getAttribute("aria-rowindex")), [name ?? "", value ?? ""]);
    }
  }
  return [...rows].sort(([a], [b]) => a - b).map(([, row]) => row);
}

/** Runs in the panel: brings a row of the tree into the document, by its number from 0. */
function scrollTree(at: number): null {
  const scroller = document.querySelector("[role=treegrid]")?.closest(".virtual");
  if (scroller) scroller.scrollTop = at * 20 - scroller.clientHeight / 2;
  return null;
}

/** Runs in the panel: elements that are not ours, and anything fetched from elsewhere. */
function findHarm(site: string): string[] {
  const harm: string[] = [];
  if ("pwned" in window) harm.push("a script ran");
  if ("polluted" in {}) harm.push("prototypes are polluted");
  if (getComputedStyle(document.body).display === "none") harm.push("a style applies");
  const elements = document.querySelectorAll(
    "script:not([src^='/chunks/']), img, iframe:not([src='/blank.html']), a, svg, object, embed, style, circle, b:not(.cookie-name), [onload], [onerror], [srcdoc]",
  );
  for (const element of elements) harm.push(element.outerHTML.slice(0, 200));
  for (const { name } of performance.getEntriesByType("resource")) {
    const ours = name.startsWith(`${location.origin}/`) && !name.endsWith("/x");
    if (!ours && !name.startsWith(`${site}/__sessions/`)) harm.push(`fetched ${name}`);
  }
  return harm;
}
