/**
 * The notices about the way to the bridge, each in the set-up that it is about: it is shown, its next step is done, and then the
 * session is shown.
 */
import { expect } from "@playwright/test";
import { LOOPBACK_PORTS } from "session-bridge/protocol";
import { withAccess } from "../e2e/other-extension.ts";
import { expectContents, expectRows, expectText, readText } from "../e2e/panel.ts";
import { typeToken } from "../e2e/panel-acts.ts";
import type { Scenario } from "../e2e/scenario.ts";
import { acceptCertificate, startCareful } from "./certificates.ts";
import { startVite, startWebpack } from "./dev-servers.ts";
import * as start from "./notice-setups.ts";
import { PEM } from "./program.ts";
import { startDefaultNginx } from "./proxies.ts";
import type { Setup } from "./setup.ts";
import {
  doAsNoticeSays,
  expectLogin,
  LOG_IN,
  logInAgain,
  openAndLogIn,
  openPage,
  printToken,
  started,
} from "./setup-acts.ts";

const USE_TOKEN = { role: "button", name: "Use token" };
const CHECK_AGAIN = { role: "button", name: "Check again" };

const REFUSED =
  /The server refused the panel[\s\S]*It saw a proxy that clients on other machines use[\s\S]*Set SESSION_BRIDGE_TOKEN/;

/** Those of `npm test`. */
export const SMALL_NOTICES: readonly Scenario[] = [
  {
    name: "a bridge that closed itself for a proxy's clients is reached with a token, on localhost",
    async run(stage) {
      const setup = await started(stage, start.startForeignClients, "nginx");
      const named = setup.pageUrl.replace("localhost", "app.test");
      const extension = await withAccess(stage, "app.test");
      const driver = await stage.startBrowser({ extension, hosts: ["app.test"] });
      const { page, panel } = await openAndLogIn(stage, driver, named);
      await expectText(panel, /The bridge closed itself/);
      const token = await printToken();
      await setup.restart([`SESSION_BRIDGE_TOKEN=${token}`]);
      await page.goto(`http://localhost:${setup.appPort}/`);
      await typeToken(panel, token);
      await panel.click(USE_TOKEN);
      await page.click(LOG_IN);
      await expectLogin(panel);
    },
  },
  {
    name: "a bridge that closed itself refuses the panel on localhost without a token, and says so",
    async run(stage) {
      const { pageUrl, appPort } = await started(stage, start.startForeignClients, "nginx");
      const driver = await stage.startBrowser({ hosts: ["app.test"] }); // accepts the proxy's certificate
      const { page, panel } = await openAndLogIn(stage, driver, pageUrl);
      await expectText(panel, /The bridge closed itself/);
      await page.goto(`http://localhost:${appPort}/`);
      await expectText(panel, REFUSED);
    },
  },
  {
    name: "an app with its own certificate behind Vite is reached once the user has accepted it",
    async run(stage) {
      const tls = PEM;
      const setup = await started(stage, () => startVite({ tls }));
      const driver = await startCareful(stage);
      const { panel } = await openAndLogIn(stage, driver, setup.pageUrl);
      const address = `https://localhost:${setup.appPort}`;
      await expectText(
        panel,
        new RegExp(`own address cannot be reached[\\s\\S]*open ${address} once and accept it`),
      );
      await acceptCertificate(stage, driver, address);
      await panel.click(CHECK_AGAIN);
      await expectLogin(panel);
    },
  },
  {
    name: "DevTools that opened late has to see the page's responses: the notice reloads the page",
    async run(stage) {
      const { pageUrl } = await started(stage, () => startVite());
      const { page, panel } = await openPage(stage, stage.driver, pageUrl);
      await expectText(panel, /Reload the page to look for its bridge/);
      await panel.click({ role: "button", name: "Reload page" });
      await expectText(panel, /Use the app once to find its bridge/);
      await page.click(LOG_IN);
      await expectLogin(panel);
    },
  },
  onlyDevServer("Vite", () => startVite()),
  // Chromium does not report an open WebSocket, by which the panel recognises this server
  onlyDevServer("webpack-dev-server", () => startWebpack(), "firefox"),
];

/** Those of `npm run test:field`. */
export const LARGE_NOTICES: readonly Scenario[] = [
  {
    name: "an app on a Unix socket is reached once it has a port",
    async run(stage) {
      const setup = await started(stage, start.startOnSocket, "nginx");
      const opened = await openAndLogIn(stage, stage.driver, setup.pageUrl);
      await expectText(opened.panel, /does not know who calls[\s\S]*listens on a Unix socket needs a port/);
      await setup.moveToPort();
      await logInAgain(opened);
    },
  },
  {
    name: "an app on another machine is reached once its own port is forwarded, too",
    async run(stage) {
      const setup = await started(stage, () => start.startOnlyViteForwarded(), "namespaces");
      const { panel } = await openAndLogIn(stage, stage.driver, setup.pageUrl);
      await expectText(
        panel,
        new RegExp(`own port cannot be reached[\\s\\S]*http://localhost:${setup.appPort}\\.`),
      );
      await setup.forwardApp();
      await panel.click(CHECK_AGAIN);
      await expectLogin(panel);
    },
  },
  {
    name: "an app in a container is reached once its own port is published, and its lines are set",
    async run(stage) {
      const setup = await started(stage, () => start.startOnlyViteForwarded("0.0.0.0"), "namespaces");
      const opened = await openAndLogIn(stage, stage.driver, setup.pageUrl);
      const { panel } = opened;
      await expectText(panel, /own port cannot be reached/);
      await setup.publishApp();
      await panel.click(CHECK_AGAIN);
      const done = await doAsNoticeSays(panel, /Another server is at the app's port, or/, setup);
      expect(Object.keys(done)).toEqual(["SESSION_BRIDGE_TOKEN", "SESSION_BRIDGE_REMOTE"]);
      await opened.page.reload();
      await opened.page.click(LOG_IN);
      await typeToken(panel, done["SESSION_BRIDGE_TOKEN"] ?? "");
      await panel.click(USE_TOKEN);
      await expectLogin(panel);
    },
  },
  {
    name: "an app on another machine whose port another server has here is reached once that server has stopped",
    async run(stage) {
      const setup = await started(stage, () => start.startOnlyViteForwarded(), "namespaces");
      const other = await started(stage, () => start.startStranger(setup.appPort));
      const { panel } = await openAndLogIn(stage, stage.driver, setup.pageUrl);
      await expectText(panel, /Another server is at the app's port[\s\S]*stop it, and forward the port/);
      await other.stop();
      await setup.forwardApp();
      await panel.click(CHECK_AGAIN);
      await expectLogin(panel);
    },
  },
  {
    name: "an app behind nginx under a name of its user's own is opened on localhost",
    async run(stage) {
      const setup = await started(stage, () => startDefaultNginx(), "nginx");
      const extension = await withAccess(stage, "app.test");
      const driver = await stage.startBrowser({ extension, hosts: ["app.test"] });
      const named = setup.pageUrl.replace("localhost", "app.test");
      const { page, panel } = await openAndLogIn(stage, driver, named);
      const { host } = new URL(setup.pageUrl);
      await expectText(
        panel,
        new RegExp(`Open the app on localhost[\\s\\S]*Open ${host} to see the session`),
      );
      await page.goto(`${setup.pageUrl}/`);
      await page.click(LOG_IN);
      await expectLogin(panel);
    },
  },
  {
    name: "an app in a container behind the nginx that serves its page is opened at its own address",
    async run(stage) {
      const token = await printToken();
      const setup = await started(stage, () => start.startBehindPages(token), "namespaces");
      const { page, panel } = await openAndLogIn(stage, stage.driver, setup.pageUrl);
      await expectText(panel, /Open the app at its own address/);
      await page.goto(`${setup.appUrl}/`);
      await typeToken(panel, token);
      await panel.click(USE_TOKEN);
      await expectContents(panel, /user_id: 123\b/); // cookies ignore ports: the user is logged in there
    },
  },
  {
    name: "1,000 requests through Vite cause at most two hellos, and no call to another port",
    async run(stage) {
      const setup = await started(stage, start.startCounted);
      const beside = await Promise.all(LOOPBACK_PORTS.map(start.countConnections));
      for (const each of beside) if (each !== null) stage.later(each.stop);
      const connections = () => beside.reduce((sum, each) => sum + (each?.count() ?? 0), 0);
      const { page, panel } = await openAndLogIn(stage, stage.driver, setup.pageUrl);
      await expectLogin(panel);
      const before = connections();
      await page.evaluate(async (times) => {
        for (let time = 0; time < times; time += 20)
          await Promise.all(Array.from({ length: 20 }, async () => (await fetch("/api/me")).text()));
        await fetch("/api/logout", { method: "POST" });
        return null;
      }, 1000);
      await expectRows(panel, /POST \/api\/logout 200.*flush/);
      expect(setup.calls().filter((call) => call.endsWith("/hello")).length).toBeLessThanOrEqual(2);
      expect(setup.calls()).toContain("POST /__sessions/v1/hello");
      expect(connections()).toBe(before);
    },
  },
];

/** After a reload the page has called nothing but its development server. */
function onlyDevServer(name: string, begin: () => Promise<Setup>, only?: "firefox"): Scenario {
  return {
    ...(only !== undefined && { only }),
    name: `behind ${name} the app is found by its first response, after a reload`,
    async run(stage) {
      const { pageUrl } = await started(stage, begin);
      const { page, panel } = await openPage(stage, stage.driver, pageUrl);
      await page.reload();
      await expectText(panel, /Use the app once to find its bridge/);
      await page.click(LOG_IN);
      await expectLogin(panel);
      expect(await readText(panel)).not.toMatch(/Use the app once/);
    },
  };
}
