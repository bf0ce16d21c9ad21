/** A Django site with the package, when something is missing: the bridge is slow or restarted, the site is, the package is not there. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "@playwright/test";
import { ROOT } from "../../../scripts/machine/program.ts";
import { startCommand } from "../../django-package/command.ts";
import { VIEWS } from "../../django-package/pages.ts";
import { startSite } from "../../django-package/site.ts";
import type { SitePage, Surface } from "../driver.ts";
import {
  expectContents,
  expectPage,
  expectRows,
  expectText,
  PARTS,
  readAllRows,
  SHOWN_MS,
} from "../panel.ts";
import type { Scenario } from "../scenario.ts";
import { bridgeProcessOf, fetchInTurn, lineOf, openTracedDjango } from "../sites/django-traced.ts";

/** Each trace holds two of these, and a site keeps 4 MiB of traces for a bridge that does not read. */
const LARGE = 300_000;
const REQUESTS = 30;

export const djangoInterrupted: readonly Scenario[] = [
  {
    name: "traces of a Django site that were dropped because the bridge did not keep up are counted in the timeline, and the next ones arrive",
    inField: ["firefox"],
    async run(stage) {
      const { panel, page, site, command } = await openTracedDjango(stage, { series: "5.2" });
      await page.goto(`${site.url}/count/`);
      await expectRows(panel, /GET \/count\/ 200 .*\+visits/);
      const bridge = await bridgeProcessOf(command);
      const paths = Array.from(
        { length: REQUESTS },
        (_, at) => `/fill/?letter=${"ab"[at % 2]}&bytes=${LARGE}`,
      );
      process.kill(bridge, "SIGSTOP");
      let named: boolean[];
      try {
        named = await fetchInTurn(page, ...paths);
      } finally {
        process.kill(bridge, "SIGCONT");
      }
      const dropped = named.filter((one) => !one).length;
      expect(dropped).toBeGreaterThan(0);
      expect(dropped).toBeLessThan(REQUESTS);

      await page.goto(`${site.url}/count/?again`);
      await expectRows(panel, /GET \/count\/\?again 200 .*~visits 1→2/);
      const gaps = async () => countGaps(await readAllRows(panel));
      await expect.poll(gaps, { timeout: SHOWN_MS }).toBe(dropped);
    },
  },
  {
    name: "traces of a Django site go on after its bridge was restarted while the panel was open",
    async run(stage) {
      const { panel, page, site, command } = await openTracedDjango(stage, { series: "5.2" });
      await page.goto(`${site.url}/count/`);
      await expectRows(panel, /GET \/count\/ 200 .*\+visits/);
      await command.stop();
      await expectText(panel, /Trying (again|now)/);
      await page.goto(`${site.url}/static-page/`);
      const next = await startCommand(site);
      stage.later(() => next.stop());
      await expectTracedAgain(panel, page, `${site.url}/cart/`, lineOf("cart", 'request.session["cart"] ='));
      await expectContents(panel, /visits: 1/);
    },
  },
  {
    name: "traces of a Django site go on when runserver reloads the site's changed code while the panel is open",
    inField: ["firefox"],
    async run(stage) {
      const { panel, page, site } = await openTracedDjango(stage, { series: "5.2", server: "reloading" });
      const written = lineOf("cart", 'request.session["cart"] =');
      await page.goto(`${site.url}/cart/`);
      await expectRows(panel, /GET \/cart\/ 200 .*\+cart/);
      const views = join(site.folder, "mysite/views.py");
      await writeFile(
        views,
        `${await readFile(views, "utf8")}\n\nprint("The new code is there.")\n`.replace(
          "\n",
          "\n# One line more.\n",
        ),
      );
      await expect.poll(() => site.output(), { timeout: SHOWN_MS }).toContain("The new code is there.");
      const status = async () => (await fetch(site.url).catch(() => null))?.status;
      await expect.poll(status, { timeout: SHOWN_MS }).toBe(200);
      const moved = written.replace(/\d+$/, (line) => String(Number(line) + 1));
      await expectTracedAgain(panel, page, `${site.url}/cart/`, moved);
      await expectText(panel, /Bridge connected/);
    },
  },
  {
    name: "on a Django site without package and bridge the notice gives the lines of the documentation",
    async run(stage) {
      const site = await startSite({ series: "5.2", files: VIEWS, withPackage: false });
      stage.later(() => site.stop());
      const page = await stage.newPage();
      await page.goto(`${site.url}/enter/`);
      const panel = await (await page.openTools()).showPanel();
      await page.reload();
      await expectText(panel, /See what your session holds/);
      const lines = await linesOf(panel);
      const documented = await readDocumented();
      expect(lines).toEqual([documented.install, documented.settings, documented.command + site.url]);
      await expectText(panel, /Node 22\.13 or later/);
    },
  },
];

/** Opens the page until its row shows what the request did; the site looks for its bridge once a second. */
async function expectTracedAgain(panel: Surface, page: SitePage, url: string, line: string): Promise<void> {
  const titles = () =>
    panel.evaluate(
      (grid) =>
        [...document.querySelectorAll<HTMLElement>(`[role=grid][aria-label=${grid}] .chip`)]
          .map(({ title }) => title)
          .join("\n"),
      PARTS.requests.name,
    );
  const isTraced = async () => {
    await page.goto(url);
    await expectPage(page, /^\d+$/);
    return (
      (await titles()).includes(`cart was changed by ${line}`) ||
      (await titles()).includes(`cart was added by ${line}`)
    );
  };
  await expect.poll(isTraced, { message: `a chip of ${line}`, timeout: SHOWN_MS }).toBe(true);
}

/** The sum of what the timeline's gaps say. */
function countGaps(rows: readonly string[]): number {
  const counts = rows.map((row) => /Gap: (?:up to )?(\d+) traces? /.exec(row)?.[1] ?? "0");
  return counts.reduce((sum, count) => sum + Number(count), 0);
}

/** What the notice offers to copy. */
function linesOf(panel: Surface): Promise<string[]> {
  return panel.evaluate(
    () => [...document.querySelectorAll(".code-line code")].map(({ textContent }) => textContent ?? ""),
    null,
  );
}

/** What `docs/django.md` gives: how to install, the settings, and the command for a site that runs already up to its origin. */
async function readDocumented(): Promise<{ install: string; settings: string; command: string }> {
  const text = await readFile(join(ROOT, "docs/django.md"), "utf8");
  const [, indent = "", settings = ""] = /^( *)```python\n([\s\S]*?)```/m.exec(text) ?? [];
  const command = /^(python manage\.py session_bridge --for )http:\S+$/m.exec(text)?.[1] ?? "";
  const install = /^pip install .+$/m.exec(text)?.[0] ?? "";
  return { install, settings: settings.replaceAll(new RegExp(`^${indent}`, "gm"), "").trim(), command };
}
