/**
 * From a running app in each set-up to the first `user_id: 123` in the tab, and how many things a user has to do on the way: none, or
 * what a notice says, which is then done.
 */
import { expect } from "@playwright/test";
import { withAccess } from "../e2e/other-extension.ts";
import { expectContents } from "../e2e/panel.ts";
import { type Scenario, withoutDemo } from "../e2e/scenario.ts";
import { startVite, startWebpack } from "./dev-servers.ts";
import * as elsewhere from "./elsewhere.ts";
import type { Part } from "./machine.ts";
import { startNextDev, startNextProduction } from "./next-server.ts";
import { LARGE_NOTICES, SMALL_NOTICES } from "./notice-scenarios.ts";
import * as proxies from "./proxies.ts";
import type { Setup } from "./setup.ts";
import { doAsNoticeSays, expectLogin, LOG_IN, logInAgain, openAndLogIn, started } from "./setup-acts.ts";

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
      expect(Object.keys(done)).toEqual(["SESSION_BRIDGE_TOKEN", "SESSION_BRIDGE_REMOTE"]);
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
      expect(Object.keys(done)).toEqual(["SESSION_BRIDGE_HOSTS"]);
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
        await page.click(LOG_IN);
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

/** All, whether they are played or not. */
export const allSetups: Record<string, { small: readonly Scenario[]; large: readonly Scenario[] }> = {
  "from a running app to its session": { small: SMALL, large: LARGE },
  "notices about the way to the bridge": { small: SMALL_NOTICES, large: LARGE_NOTICES },
};

const IS_WHOLE = process.env["SESSIONS_FIELD"] !== undefined;

/** What is played here. */
export const setups: Record<string, readonly Scenario[]> = Object.fromEntries(
  Object.entries(allSetups).map(([name, { small, large }]) => [
    name,
    withoutDemo(IS_WHOLE ? [...small, ...large] : small),
  ]),
);

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
