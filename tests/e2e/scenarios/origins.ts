/** Which server the panel calls: the page's own first, and no other unless the user chooses it by its name. */
import { randomBytes } from "node:crypto";
import { expect } from "@playwright/test";
import type { SitePage, Surface } from "../driver.ts";
import { withAccess } from "../other-extension.ts";
import {
  expectContents,
  expectPage,
  expectRows,
  expectText,
  readContents,
  readRows,
  readText,
  SHOWN_MS,
} from "../panel.ts";
import { fieldForToken, retype, typeToken } from "../panel-acts.ts";
import { answerAsBridge, type RecordingServer, startRecording } from "../recording-server.ts";
import type { Scenario, Stage } from "../scenario.ts";

const NAMED = "tests/e2e/sites/named.ts";
/** Images are hidden unless the user shows them. */
const FILTER = { role: "searchbox", name: "Filter requests" };
const NO_BRIDGE = /No bridge answers at/;
/** Ports where a bridge next to a site may listen; other programs may use some of them. */
const PORTS = [47_801, 47_802, 47_803, 47_804];

export const origins: readonly Scenario[] = [
  {
    name: "an image's server gets a proof only if the browser sends it the cookie, and no token is requested for it (T28, T37)",
    async run(stage) {
      const { url } = await stage.startSite(NAMED, { NAME: "ada", COOKIE_PATH: "/app" });
      const { page, panel } = await openOn(stage, `${url}/app`);
      await expectContents(panel, /owner: "ada"/);
      const cookie = await readCookie(stage, `${url}/app`);

      const other = await startAsking(stage);
      await page.evaluate(showPicture, `http://localhost:${other.port}/picture.png`);
      await expect.poll(() => other.calls("hello").length, { timeout: SHOWN_MS }).toBeGreaterThan(0);
      await visit(page, panel, 1);

      expect(other.received.filter((request) => request.includes(cookie))).toEqual([]);
      expect(await fieldForToken(panel)).toBe("no field");
      expect((await readContents(panel)).join()).toContain('owner: "ada"');
    },
  },
  {
    name: "a token is requested for the page's own origin by its name, and is sent only there (T28)",
    async run(stage) {
      const token = randomBytes(32).toString("base64url");
      const { url } = await stage.startSite(NAMED, { NAME: "ada", SESSION_BRIDGE_TOKEN: token });
      const { page, panel } = await openOn(stage, url);
      const other = await startAsking(stage);
      const origin = `http://127.0.0.1:${other.port}`;
      await page.evaluate(showPicture, `${origin}/picture.png`);
      await expect.poll(() => other.calls("hello").length, { timeout: SHOWN_MS }).toBeGreaterThan(0);
      await panel.fill(FILTER, "kind:image");
      await expectRows(panel, /GET \/picture\.png/);
      await panel.fill(FILTER, "");

      const field = await fieldForToken(panel);
      await typeToken(panel, token);
      await panel.click({ role: "button", name: "Use token" });
      const leaked = () => other.received.filter((request) => request.includes(token));
      const outcome = async () => (await readContents(panel)).join() + leaked().join();
      await expect.poll(outcome, { timeout: SHOWN_MS }).not.toBe("");
      expect(leaked()).toEqual([]);
      await expectContents(panel, /owner: "ada"/);
      expect(field).toBe(`Token for ${url}`);
    },
  },
  {
    name: "with two servers and one cookie name in one tab, the pane is always that of the page, and says what they share (T29)",
    inField: ["firefox"],
    async run(stage) {
      const [ada, grace] = await Promise.all(
        ["ada", "grace"].map((NAME) => stage.startSite(NAMED, { NAME })),
      );
      const sites = [ada, grace].map((site, at) => ({
        url: site?.url ?? "",
        name: at === 0 ? "ada" : "grace",
      }));
      const [first, second] = sites;
      const { page, panel } = await openOn(stage, first?.url ?? "");
      await expectContents(panel, /owner: "ada"/);
      for (let time = 1; time <= 10; time++) {
        const { url, name } = sites[time % 2] ?? { url: "", name: "" };
        await page.goto(url);
        await expectPage(page, new RegExp(`Owner: ${name}`));
        await expectContents(panel, new RegExp(`owner: "${name}"`));
        await panel.evaluate(watchOwners, null);
        await visit(page, panel, time);
        expect(await panel.evaluate(readOwners, null)).toBe(name);
        expect((await readContents(panel)).join()).toContain(`owner: "${name}"`);
        expect(await panel.texts({ role: "note", name: "Origin" })).toEqual([]);
      }

      await retype(panel, "owner", '"ada herself"');
      await expectRows(panel, /changed in this panel.*~owner/);
      await page.reload();
      await expectPage(page, /Owner: ada herself/);

      const shared = { role: "region", name: "Shared cookie" };
      await expect
        .poll(async () => (await panel.texts(shared)).join(), { timeout: SHOWN_MS })
        .toMatch(/sessionid/);
      const [said = ""] = await panel.texts(shared);
      for (const { url } of [first, second].flatMap((site) => site ?? [])) expect(said).toContain(url);
      expect(said).toMatch(/cookies ignore ports/);
      await panel.click({ role: "button", name: "Got it", within: shared });
      await expect.poll(() => panel.texts(shared)).toEqual([]);
    },
  },
  {
    name: "for a remote site no program on this machine is called until the user enters its port (T30)",
    async run(stage) {
      const secret = randomBytes(16).toString("hex");
      const shop = await startRecording(
        stage,
        (path, response) => {
          response.statusCode = path === "/" ? 200 : 404;
          if (path === "/") response.setHeader("set-cookie", `sessionid=${secret}; Path=/; HttpOnly; Secure`);
          response.setHeader("content-type", "text/html");
          response.end("<!doctype html><title>Shop</title><p>A shop elsewhere.");
        },
        { secure: true },
      );
      const origin = `https://shop.example:${shop.port}`;
      const listener = await startRecording(
        stage,
        (path, response) => {
          const claims = { capabilities: ["prove", "read"], serves: [origin] } as const;
          if (!answerAsBridge(path, response, claims)) response.writeHead(404).end();
        },
        { ports: PORTS },
      );
      const extension = await withAccess(stage, "shop.example");
      const driver = await stage.startBrowser({ extension, hosts: ["shop.example"] });
      const page = await driver.newPage();
      await page.goto(`${origin}/`);
      const panel = await (await page.openTools()).showPanel();

      // scenarios in other browsers may call these ports at the same time, for pages of this machine
      const own = await driver.originOf(extension);
      const received = () => listener.received.filter((request) => request.includes(own));
      const outcome = async () => NO_BRIDGE.test(await readText(panel)) || received().length > 0;
      await expect.poll(outcome, { timeout: SHOWN_MS }).toBe(true);
      await page.reload();
      await expectRows(panel, /GET \/ 200/);
      expect(received()).toEqual([]);

      await panel.fill({ role: "combobox", name: "Port on this machine" }, String(listener.port));
      await panel.click({ role: "button", name: `Try this machine's port ${listener.port} for ${origin}` });
      await expectContents(panel, /owner: "mallory"/);
      expect(listener.calls("session").join()).toContain(secret);
      expect(received()).not.toEqual([]);
      const [named] = await panel.texts({ role: "note", name: "Origin" });
      expect(named).toBe(`Session of ${origin}, read through http://127.0.0.1:${listener.port}.`);
    },
  },
  {
    name: "a page that lies about its address shows nothing of the site that it names (T36)",
    async run(stage) {
      const { url } = await stage.startSite(NAMED, { NAME: "ada" });
      const liar = await startRecording(stage, (path, response) => {
        response.statusCode = path === "/" ? 200 : 404;
        response.setHeader("content-type", "text/html").end(lyingPage(`${url}/`));
      });
      const { page, panel } = await openOn(stage, url);
      await expectContents(panel, /owner: "ada"/);
      const rows = (await readRows(panel)).length;

      await page.goto(`http://localhost:${liar.port}/`);
      await expect
        .poll(async () => (await readRows(panel)).length, { timeout: SHOWN_MS })
        .toBeGreaterThan(rows);
      // DevTools that are opened on the lying page know no other page.
      const opened = await openOn(stage, `http://localhost:${liar.port}/`);
      for (const shown of [panel, opened.panel]) {
        const settled = async () =>
          NO_BRIDGE.test(await readText(shown)) || (await readContents(shown)).length > 0;
        await expect.poll(settled, { message: "a notice or a session", timeout: SHOWN_MS }).toBe(true);
        expect(await readContents(shown)).toEqual([]);
      }
      await opened.page.reload();
      await expectRows(opened.panel, /GET \/ 200/);
      expect(await readContents(opened.panel)).toEqual([]);
      await expectText(opened.panel, NO_BRIDGE);
    },
  },
];

async function openOn(stage: Stage, url: string): Promise<{ page: SitePage; panel: Surface }> {
  const page = await stage.newPage();
  await page.goto(url);
  const tools = await page.openTools();
  return { page, panel: await tools.showPanel() };
}

/** A server whose images name a trace, and whose bridge requires a token. */
function startAsking(stage: Stage): Promise<RecordingServer> {
  return startRecording(stage, (path, response) => {
    const capabilities = ["prove", "read", "traces"] as const;
    if (answerAsBridge(path, response, { capabilities, asksForToken: true })) return;
    response.writeHead(200, { "content-type": "image/svg+xml", "session-trace": `v=1;id=${"A".repeat(22)}` });
    response.end('<svg xmlns="http://www.w3.org/2000/svg"/>');
  });
}

/** Reloads the page and waits until the panel shows that the session counted the visit: by then everything earlier is done. */
async function visit(page: SitePage, panel: Surface, time: number): Promise<void> {
  const before = Number(/visits: (\d+)/.exec((await readContents(panel)).join())?.[1]);
  await page.reload();
  await expectContents(panel, new RegExp(`visits: ${before + 1}\\b`));
  expect(before, `visits, round ${time}`).toBeGreaterThan(0);
}

async function readCookie(stage: Stage, url: string): Promise<string> {
  const cookie = (await stage.driver.cookies(url)).find(({ name }) => name === "sessionid")?.value ?? "";
  expect(cookie).not.toBe("");
  return cookie;
}

/** Runs in a page of the site. */
async function showPicture(url: string): Promise<null> {
  const picture = new Image();
  picture.src = url;
  document.body.append(picture);
  await picture.decode();
  return null;
}

/** Runs in the panel: from now on records on its root element whose session the contents are. No globals are shared in both browsers. */
function watchOwners(): null {
  const notes = document.documentElement.dataset;
  const look = () => {
    const shown = document.querySelector("[role=treegrid]")?.textContent ?? "";
    const owners = [...shown.matchAll(/owner\W+(\w+)/g)].map(([, owner]) => owner);
    notes["owners"] = [...new Set([...(notes["owners"] ?? "").split(" "), ...owners])].join(" ").trim();
  };
  const isWatched = notes["owners"] !== undefined;
  notes["owners"] = "";
  look();
  if (isWatched) return null;
  const observer = new MutationObserver(look);
  const options = { childList: true, subtree: true, characterData: true };
  observer.observe(document.body, options);
  return null;
}

/** Runs in the panel: all owners recorded since then. */
function readOwners(): string {
  return document.documentElement.dataset["owners"] ?? "not watched";
}

/** A page that overrides what it can, so that every string read from it becomes another site's address. */
function lyingPage(url: string): string {
  return `<!doctype html><title>Liar</title><script>
    const url = ${JSON.stringify(url)};
    const { isArray } = Array;
    const [one, list] = [url, [url]].map((value) => JSON.stringify({ value }));
    JSON.stringify = (given) => (isArray(given?.value ?? given) ? list : one);
    Array.from = () => [url];
    Array.isArray = () => true;
    Array.prototype.map = () => [url];
    for (const type of [String, Array]) type.prototype.toJSON = () => url;
    String.prototype.toString = () => url;
    String.prototype.valueOf = () => url;
    Object.prototype.toJSON = function () { return "value" in this ? { value: url } : url; };
    globalThis.String = () => url;
    globalThis.URL = class { href = url; toString() { return url; } };
  </script><p>Not who it says.`;
}
