/** Unusual situations: an update of the extension, several tabs and DevTools at once, a popup, many requests. */
import { expect } from "@playwright/test";
import type { SitePage, Surface } from "../driver.ts";
import { copyOurs, setVersion } from "../other-extension.ts";
import {
  expectContents,
  expectPage,
  expectRows,
  PARTS,
  readAllRows,
  readContents,
  readRows,
  readText,
  SHOWN_MS,
} from "../panel.ts";
import { retype } from "../panel-acts.ts";
import type { Scenario } from "../scenario.ts";
import { addToCart, logIn } from "./story.ts";

const NAMED = "tests/e2e/sites/named.ts";

export const untried: readonly Scenario[] = [
  {
    name: "an update of the extension ends the open panel without an error, and the next one shows what happens from then on",
    async run(stage) {
      const extension = await copyOurs(stage);
      await setVersion(extension, "0.1.0.1");
      const driver = await stage.startBrowser({ extension });
      const { page, panel } = await openOn(await driver.newPage(), stage.site.url);
      await logIn(page);
      await expectContents(panel, /user_id: 123/);
      expect(await panel.evaluate(readVersion, null)).toBe("0.1.0.1");

      await setVersion(extension, "0.1.0.2");
      await driver.update();
      await addToCart(page, "tea");
      // Chromium has closed DevTools; Firefox has replaced the panel, and another tool is in front.
      const again = await (await page.openTools()).showPanel();
      expect(await again.evaluate(readVersion, null)).toBe("0.1.0.2");
      await expectContents(again, /cart/);
      await addToCart(page, "cake");
      await expectRows(again, /POST \/cart 302 .*~cart/);
      await retype(again, "username", '"ada"');
      await expectRows(again, /changed in this panel.*~username/);
      expect(driver.errors()).toEqual([]);
    },
  },
  {
    name: "two tabs with one session, each with DevTools: a change in one is in the other as one from outside, and an edit of the same value is a conflict until it is overwritten, whatever else changes",
    inField: ["chromium"],
    async run(stage) {
      const first = await stage.open();
      await logIn(first.page);
      await expectContents(first.panel, /username: "john_doe"/);
      const second = await stage.open(); // makes no request while its DevTools is open
      await expectContents(second.panel, /username: "john_doe"/);
      await first.page.show();
      await addToCart(first.page, "tea");
      await expectRows(first.panel, /POST \/cart 302 .*\+cart/);
      await expectRows(second.panel, /outside this tab.*\+cart|\+cart.*outside this tab/);
      await expectContents(second.panel, /cart/);
      expect(
        (await readRows(second.panel)).filter((row) => row.includes("POST /cart") && /^\d/.test(row)),
      ).toEqual([]);

      await second.page.show();
      await second.panel.click({ role: "row", name: "username", within: PARTS.contents }, { double: true });
      const field = { role: "textbox", name: "Value of username" };
      await second.panel.fill(field, "from the second");
      await first.page.show();
      await retype(first.panel, "username", '"from the first"');
      await expectContents(first.panel, /username: "from the first"/);
      await expectRows(second.panel, /~username/);
      await second.page.show();
      await second.panel.press("Enter");
      const conflict = { role: "region", name: "Conflict" };
      await expect.poll(() => second.panel.texts(conflict), { timeout: SHOWN_MS }).toHaveLength(1);
      const [said = ""] = await second.panel.texts(conflict);
      for (const value of ["john_doe", "from the second", "from the first"]) expect(said).toContain(value);
      await expectContents(second.panel, /username: "from the first"/);
      await first.page.show();
      await addToCart(first.page, "cake");
      await expectRows(second.panel, /\+cart/, /~cart/);
      await second.page.show();
      await second.panel.click({ role: "button", name: "Overwrite", within: conflict });
      await expectContents(second.panel, /username: "from the second"/);
      expect(await second.panel.texts(conflict)).toEqual([]);
      await expectRows(first.panel, /~cart/, /~username/);
      await first.page.reload();
      await expectContents(first.panel, /cake: 1/);
      await expectContents(first.panel, /username: "from the second"/);
    },
  },
  {
    name: "with DevTools on two tabs of different sites at the same time, neither shows a row of the other",
    inField: ["chromium"],
    async run(stage) {
      const places = await Promise.all(
        ["ada", "grace"].map(async (name) => {
          const site = await stage.startSite(NAMED, { NAME: name });
          return { name, url: site.url.replace("localhost", `${name}.localhost`) };
        }),
      );
      const opened: (Place & { name: string })[] = [];
      for (const { name, url } of places)
        opened.push({ name, ...(await openOn(await stage.newPage(), url)) });
      for (const { page, name } of opened)
        await page.evaluate(startAsking, { path: `/?${name}=`, times: 30 });
      for (const { name, panel, page } of opened) {
        await page.show();
        await expectContents(panel, new RegExp(`owner: "${name}"`));
        const bursts = async () =>
          (await readAllRows(panel)).flatMap((row) => /\?(\w+=\d+)/.exec(row)?.[1] ?? []);
        await expect.poll(async () => new Set(await bursts()).size, { timeout: SHOWN_MS }).toBe(30);
        expect((await bursts()).filter((burst) => !burst.startsWith(`${name}=`))).toEqual([]);
        expect((await readAllRows(panel)).filter((row) => row.includes("outside this tab"))).toEqual([]);
        const other = name === "ada" ? "grace" : "ada";
        expect(await panel.evaluate(() => document.documentElement.outerHTML, null)).not.toContain(other);
      }
    },
  },
  {
    name: "a popup's requests are in its own DevTools, and in its opener's only as changes outside this tab",
    inField: ["firefox"],
    async run(stage) {
      const { page, panel } = await stage.open();
      await logIn(page);
      await expectContents(panel, /user_id: 123/);
      await page.evaluate(addOpener, null);
      const popup = await stage.driver.pageOpenedBy(() => page.click({ role: "button", name: "Open popup" }));
      stage.later(() => popup.close());
      const tools = await popup.openTools();
      const own = await tools.showPanel();
      await addToCart(popup, "tea");
      await expectRows(own, /POST \/cart 302 .*\+cart/, /GET \/ 200/);
      await page.show();
      await expectRows(panel, /outside this tab.*\+cart|\+cart.*outside this tab/);
      const rows = (await readRows(panel)).filter((row) => /^\d/.test(row));
      expect(rows.filter((row) => /cart|popup/.test(row))).toEqual([]);
      expect(await readContents(own)).toEqual(await readContents(panel));
    },
  },
  {
    name: "a thousand requests at once all have their rows and their traces, and the panel stays usable",
    inField: ["chromium", "firefox"],
    async run(stage) {
      const { url } = await stage.startSite("tests/e2e/sites/burst.ts");
      const { page, panel } = await openOn(await stage.newPage(), url);
      await page.reload();
      await expectRows(panel, /before DevTools opened/, /GET \/ 200/);
      await expectContents(panel, /name: "burst"/);
      const before = await readCounts(panel);
      await page.evaluate(askOften, { path: "/add/", times: 1000 });
      // Each changed the session, so its row is counted only with its trace; a trace without its row would be one more row.
      await expect
        .poll(() => readCounts(panel), { timeout: SHOWN_MS })
        .toEqual({ requests: before.requests + 1000, changed: before.changed + 1000 });
      await expectContents(panel, /added: 1000/);
      const filter = { role: "searchbox", name: "Filter requests" };
      for (const number of [0, 500, 999]) {
        await panel.fill(filter, `/add/${number}`);
        await expectRows(panel, new RegExp(`GET /add/${number} 200`));
      }
      await panel.fill(filter, "");
      await retype(panel, "name", '"ada"');
      await expectRows(panel, /changed in this panel.*~name/);
      await page.reload();
      await expectPage(page, /Name: ada/);
    },
  },
];

interface Place {
  page: SitePage;
  panel: Surface;
}

async function openOn(page: SitePage, url: string): Promise<Place> {
  await page.goto(url);
  const tools = await page.openTools();
  return { page, panel: await tools.showPanel() };
}

/** The status line's numbers of rows, and of those that changed the session. */
async function readCounts(panel: Surface): Promise<{ requests: number; changed: number }> {
  const said = await readText(panel);
  const [requests, changed] = [/(\d+) requests?\b/, /(\d+) changed the session/].map((words) =>
    Number(words.exec(said)?.[1] ?? Number.NaN),
  );
  return { requests: requests ?? Number.NaN, changed: changed ?? Number.NaN };
}

/** Runs in the panel. */
function readVersion(): string {
  const { runtime } = (
    globalThis as unknown as { chrome: { runtime: { getManifest(): { version: string } } } }
  ).chrome;
  return runtime.getManifest().version;
}

/** Runs in a page of a site: as many requests at once, each with its number. */
async function askOften({ path, times }: { path: string; times: number }): Promise<null> {
  const all = Array.from({ length: times }, (_, number) =>
    fetch(path + number).then((answer) => answer.text()),
  );
  await Promise.all(all);
  return null;
}

/** Runs in a page of a site: the same, without waiting for the responses. */
function startAsking({ path, times }: { path: string; times: number }): null {
  for (let number = 0; number < times; number++) void fetch(path + number);
  return null;
}

/** Runs in a page of the site: adds a button, since a browser opens a popup only for a click. */
function addOpener(): null {
  const button = document.createElement("button");
  button.textContent = "Open popup";
  button.addEventListener("click", () => open("/?popup", "", "popup,width=500,height=600"));
  document.body.append(button);
  return null;
}
