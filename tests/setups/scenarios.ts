/**
 * From a running app in each set-up to the first `user_id: 123` in the tab, and how many things a user has to do on the way: none, or
 * what a notice says, which is then done.
 */
import { expect, test } from "@playwright/test";
import type { BrowserDriver, SitePage, Surface } from "../e2e/driver.ts";
import { withAccess } from "../e2e/other-extension.ts";
import { expectContents, expectRows, expectText } from "../e2e/panel.ts";
import type { Scenario, Stage } from "../e2e/scenario.ts";
import { startVite, startWebpack } from "./dev-servers.ts";
import * as elsewhere from "./elsewhere.ts";
import { isMissing, type Part } from "./machine.ts";
import { startNextDev, startNextProduction } from "./next-server.ts";
import * as proxies from "./proxies.ts";
import type { Setup } from "./setup.ts";

/** Those of `npm test`, in both browsers. */
const SMALL: Scenario[] = [
  atOnce("Vite that passes /api on", () => startVite()),
  atOnce("nginx with nothing but proxy_pass", () => proxies.startDefaultNginx(), "nginx"),
  atOnce("nginx with the usual lines", () => proxies.startUsualNginx(), "nginx"),
  {
    name: "an app in a container needs the two lines that its notice gives",
    async run(stage) {
      const setup = await started(stage, () => elsewhere.startPublished(), "namespaces");
      const opened = await openAndLogIn(stage, stage.driver, setup.pageUrl);
      const done = await doAsNoticeSays(opened.panel, /The bridge answers its own machine only/, setup);
      expect(done).toEqual(["SESSION_BRIDGE_TOKEN", "SESSION_BRIDGE_REMOTE"]);
      await logInAgain(opened);
    },
  },
  {
    name: "an app under a name of its user's own needs the line that its notice gives",
    async run(stage) {
      const setup = await started(stage, () => elsewhere.startNamed());
      const extension = await withAccess(stage, "app.test");
      const driver = await stage.startBrowser({ extension, hosts: ["app.test"] });
      const opened = await openAndLogIn(stage, driver, setup.pageUrl);
      const done = await doAsNoticeSays(opened.panel, /does not answer under the name app\.test/, setup);
      expect(done).toEqual(["SESSION_BRIDGE_HOSTS"]);
      await logInAgain(opened);
    },
  },
  {
    name: "two servers on one host with one cookie name: each page shows its own server's session, at once",
    async run(stage) {
      const two = await elsewhere.startTwo();
      stage.later(two.stop);
      const page = await stage.newPage();
      await page.goto(`${two.first.pageUrl}/`);
      const panel = await (await page.openTools()).showPanel();
      for (const [{ pageUrl }, name] of [
        [two.first, "ada"],
        [two.second, "grace"],
      ] as const) {
        await page.goto(`${pageUrl}/`);
        await page.click({ role: "button", name: "Log in" });
        await expectContents(panel, new RegExp(`user_id: 123\\b[^]*name: "${name}"`));
      }
    },
  },
];

/** Those of `npm run test:field`. */
const LARGE: Scenario[] = [
  atOnce("Vite that passes all on", () => startVite({ passes: "/" })),
  atOnce("Vite with https", () => startVite({ isSecure: true })),
  atOnce("Vite with host: true", () => startVite({ isPublic: true })),
  atOnce("webpack-dev-server", () => startWebpack()),
  atOnce("webpack-dev-server with xfwd", () => startWebpack({ hasForwarded: true })),
  atOnce("next dev with rewrites", () => startNextDev()),
  atOnce("next start with rewrites", () => startNextProduction()),
  atOnce("nginx with TLS and HTTP/2", () => proxies.startHttp2Nginx(), "nginx"),
  atOnce("Caddy", () => proxies.startCaddy(), "caddy"),
  atOnce("haproxy", () => proxies.startHaproxy(), "haproxy"),
  atOnce("a forwarded port of another machine", () => elsewhere.startForwarded(), "namespaces"),
  atOnce("an app with its own certificate", () => elsewhere.startSecure()),
];

/** What is played here. */
export const setups: Record<string, readonly Scenario[]> = {
  "from a running app to its session":
    process.env["SESSIONS_FIELD"] === undefined ? SMALL : [...SMALL, ...LARGE],
};

/** A set-up in which the user has nothing to do. */
function atOnce(name: string, start: () => Promise<Setup>, needs?: Part): Scenario {
  return {
    name: `${name}: the login is shown without a line of configuration`,
    async run(stage) {
      const { pageUrl } = await started(stage, start, needs);
      // a browser that was started for names of hosts accepts every certificate, as after a click on its warning
      const driver = pageUrl.startsWith("https:")
        ? await stage.startBrowser({ hosts: ["app.test"] })
        : stage.driver;
      const { panel } = await openAndLogIn(stage, driver, pageUrl);
      await expectLogin(panel);
    },
  };
}

/** Starts a set-up until the scenario's end. Without what it needs, the scenario is skipped. */
async function started(stage: Stage, start: () => Promise<Setup>, needs?: Part): Promise<Setup> {
  test.info().skip(isMissing(needs), `${needs} is missing`);
  const setup = await start();
  stage.later(setup.stop);
  return setup;
}

/** A page with the panel on it. */
interface Opened {
  page: SitePage;
  panel: Surface;
}

async function openAndLogIn(stage: Stage, driver: BrowserDriver, pageUrl: string): Promise<Opened> {
  const page = await driver.newPage();
  stage.later(() => page.close());
  await page.goto(`${pageUrl}/`);
  const panel = await (await page.openTools()).showPanel();
  await page.click({ role: "button", name: "Log in" });
  return { page, panel };
}

/**
 * Waits for a notice, and does what it says: copies its lines into the app's environment, and starts the app again.
 *
 * @returns the name of each variable that was copied
 */
async function doAsNoticeSays(panel: Surface, notice: RegExp, { restart }: Setup): Promise<string[]> {
  await expectText(panel, notice);
  const shown = await panel.evaluate(readLines, null);
  const lines = shown.filter((line) => /^[A-Z_]+=/.test(line));
  for (const line of lines) {
    const name = line.startsWith("SESSION_BRIDGE_TOKEN=") ? "Copy the token" : "Copy the line";
    await panel.click({ role: "button", name });
  }
  await restart(lines);
  return lines.map((line) => line.slice(0, line.indexOf("=")));
}

/** Runs in the panel: the lines that the notice offers to copy. */
function readLines(): string[] {
  return Array.from(document.querySelectorAll(".copy-lines code"), ({ textContent }) => textContent ?? "");
}

/** The sessions of the app are gone with its process. */
async function logInAgain({ page, panel }: Opened): Promise<void> {
  await page.reload();
  await page.click({ role: "button", name: "Log in" });
  await expectLogin(panel);
}

async function expectLogin(panel: Surface): Promise<void> {
  await expectRows(panel, /POST \/api\/login 200.*\+user_id/);
  await expectContents(panel, /user_id: 123\b/);
}
