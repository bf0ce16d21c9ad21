/** What every scenario gets, and how a list of scenarios becomes tests in one browser. */
import { join } from "node:path";
import { test as base, expect } from "@playwright/test";
import { ROOT } from "../../scripts/machine/program.ts";
import { type Site, startSite } from "../../scripts/machine/site.ts";
import type { BrowserDriver, SitePage, StartBrowser, StartOptions, Surface, Tools } from "./driver.ts";

/** The stage of one scenario: a browser with an empty cookie jar, a fresh site, nothing opened yet. */
export interface Stage {
  driver: BrowserDriver;
  /** Folder of the built extension. */
  extension: string;
  /** `examples/express` on its own port. Throws in a scenario that is listed as one without it. */
  readonly site: Site;
  /** Opens the site, DevTools on it, and the panel. */
  open(path?: string): Promise<Opened>;
  /** Another page of the same browser; closed at the end. */
  newPage(): Promise<SitePage>;
  /** A second browser; closed at the end. */
  startBrowser(options?: Partial<StartOptions>): Promise<BrowserDriver>;
  /** Another server; closed at the end. */
  startSite(entry: string, env?: Record<string, string>): Promise<Site>;
  /** Runs `undo` at the end, last registered first. */
  later(undo: () => Promise<unknown>): void;
}

export interface Opened {
  page: SitePage;
  tools: Tools;
  panel: Surface;
}

/** One scenario with its expectations, for every browser or only for those listed. */
export interface Scenario {
  /** A sentence: what the user sees. */
  name: string;
  only?: "chromium" | "firefox";
  /** The browsers in which it runs only in `npm run test:field`: in the others it shows the same. */
  inField?: readonly ("chromium" | "firefox")[];
  /** False: it starts its own servers, and `stage.site` is not started for it. Default: true. */
  demo?: boolean;
  run(stage: Stage): Promise<void>;
}

/** The same scenarios, which start their own servers: starting the demo for each takes most of a second of a processor. */
export function withoutDemo(scenarios: readonly Scenario[]): readonly Scenario[] {
  return scenarios.map((scenario) => ({ ...scenario, demo: false }));
}

/**
 * The same scenarios, of which every second one runs in Firefox and the others in Chromium: what they show is decided by code
 * that knows no browser. In `npm run test:field` all run in both.
 */
export function inTurns(scenarios: readonly Scenario[]): readonly Scenario[] {
  return scenarios.map(
    (scenario, at): Scenario => ({ inField: [at % 2 === 0 ? "firefox" : "chromium"], ...scenario }),
  );
}

/** Turns scenarios into tests. All tests of a worker share one browser. */
export function defineScenarios(
  browser: "chromium" | "firefox",
  start: StartBrowser,
  groups: Record<string, readonly Scenario[]>,
): void {
  const extension = join(ROOT, ".output", browser === "chromium" ? "chrome-mv3" : "firefox-mv3");
  const test = base.extend<{ demo: boolean; stage: Stage }, { driver: BrowserDriver }>({
    demo: [true, { option: true }],
    driver: [
      // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's dependencies from this pattern
      async ({}, use) => {
        const driver = await start({ extension });
        await use(driver);
        await driver.close();
      },
      { scope: "worker", timeout: 60_000 },
    ],
    stage: async ({ driver, demo }, use) => {
      const undoings: (() => Promise<unknown>)[] = [];
      await driver.clearCookies();
      const before = driver.errors().length;
      const site = demo ? await startSite("examples/express/server.ts") : null;
      if (site !== null) undoings.push(() => site.close());
      await use(
        createStage({ driver, site, extension }, (options) => start({ extension, ...options }), undoings),
      );
      for (const undo of undoings.reverse()) await undo();
      expect(driver.errors().slice(before), "errors of the extension's own pages").toEqual([]);
    },
  });
  for (const [group, scenarios] of Object.entries(groups)) {
    test.describe(group, () => {
      for (const { name, only, inField, demo = true, run } of scenarios) {
        if (only !== undefined && only !== browser) continue;
        if (inField?.includes(browser) === true && process.env["SESSIONS_FIELD"] !== "true") continue;
        test.describe(() => {
          test.use({ demo });
          test(name, ({ stage }) => run(stage));
        });
      }
    });
  }
}

function createStage(
  given: Pick<Stage, "driver" | "extension"> & { site: Site | null },
  start: (options: Partial<StartOptions>) => Promise<BrowserDriver>,
  undoings: (() => Promise<unknown>)[],
): Stage {
  const { driver, extension } = given;
  const stage: Stage = {
    driver,
    extension,
    get site() {
      if (given.site !== null) return given.site;
      throw new Error("This scenario uses the demo. Take it out of withoutDemo() in the list of scenarios.");
    },
    later: (undo) => undoings.push(undo),
    async newPage() {
      const page = await driver.newPage();
      undoings.push(() => page.close());
      return page;
    },
    async open(path = "/") {
      const page = await stage.newPage();
      await page.goto(stage.site.url + path);
      const tools = await page.openTools();
      return { page, tools, panel: await tools.showPanel() };
    },
    async startBrowser(options = {}) {
      const other = await start(options);
      undoings.push(() => other.close());
      return other;
    },
    async startSite(entry, env = {}) {
      const other = await startSite(entry, { env });
      undoings.push(() => other.close());
      return other;
    },
  };
  return stage;
}
