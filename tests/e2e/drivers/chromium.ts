/** The driver for Chromium: Playwright with an installed Chromium, new headless mode and the unpacked extension. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, type CDPSession, chromium, type Page } from "playwright";
import { findChromium } from "../../../scripts/machine/chromium.ts";
import type { BrowserCookie, BrowserDriver, SitePage, StartBrowser, StartOptions } from "../driver.ts";
import { chromiumId } from "../other-extension.ts";
import { openIncognito, reloadExtension, setAccess } from "./chromium-extension.ts";
import { type ChromiumToolsHost, openChromiumTools } from "./chromium-tools.ts";
import { ACTION_MS, createSurface } from "./playwright-surface.ts";

// Read by Playwright whenever a target attaches: without it DevTools is dropped. Unsupported upstream
// (microsoft/playwright#21625), hence the exact version in package.json.
process.env["PW_CHROMIUM_ATTACH_TO_OTHER"] = "1";

const DOCK_PREFERENCE = { bottom: '"bottom"', right: '"right"', window: '"undocked"' };
const THEME_PREFERENCE = { light: '"default"', dark: '"dark"' };

/** A started browser; `restart` replaces the whole object. */
interface Running extends ChromiumToolsHost {
  version: string;
  /** The blank page that Chromium starts with, until it is used. */
  first: Page | null;
}

/** Starts Chromium. `--no-sandbox` is passed only for root, which cannot start it otherwise. */
export const startChromium: StartBrowser = async (options) => {
  const executable = options.executable ?? (await findChromium());
  if (executable === null)
    throw new Error("There is no Chromium here. Run `npm test` once, which installs one.");
  const profile = await mkdtemp(join(tmpdir(), "sessions-chromium-"));
  await writePreferences(profile, options);
  const errors: string[] = [];
  let running = await launch(executable, profile, options, errors);
  const { promise: closed, resolve: ended } = Promise.withResolvers<void>();
  let restarting = false;
  const watchEnd = () => running.context.on("close", () => restarting || ended());
  watchEnd();

  const driver: BrowserDriver = {
    name: "chromium",
    version: running.version,
    profile,
    newPage: async () => createSitePage(running, await blankPage(running)),
    newPrivatePage: async () => createSitePage(running, await openIncognito(running)),
    pageOpenedBy: async (act) => createSitePage(running, await waitForPage(running, act)),
    async cookies(url) {
      const room = await running.backRoom();
      return room.evaluate(readCookies, url);
    },
    clearCookies: () => running.context.clearCookies(),
    originOf: async (folder) => `chrome-extension://${await chromiumId(folder)}`,
    stopWorker: () => stopWorker(running),
    update: () => reloadExtension(running),
    setAccess: (host, allowed) => setAccess(running, host, allowed),
    errors: () => [...errors],
    async restart() {
      restarting = true;
      await running.context.close();
      running = await launch(executable, profile, options, errors);
      restarting = false;
      watchEnd();
    },
    whenClosed: () => closed,
    async close() {
      await running.context.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  return driver;
};

/** Values are JSON inside JSON, and must be written before the first start. */
async function writePreferences(profile: string, options: StartOptions): Promise<void> {
  const preferences = {
    currentDockState: DOCK_PREFERENCE[options.dock ?? "bottom"],
    "ui-theme": THEME_PREFERENCE[options.theme ?? "light"],
  };
  await mkdir(join(profile, "Default"), { recursive: true });
  await writeFile(join(profile, "Default", "Preferences"), JSON.stringify({ devtools: { preferences } }));
}

async function launch(
  executablePath: string,
  profile: string,
  options: StartOptions,
  errors: string[],
): Promise<Running> {
  const { width, height } = options.size ?? { width: 1280, height: 900 };
  const extensions = [options.extension, ...(options.others ?? [])].join(",");
  const hosts = (options.hosts ?? []).map((host) => `MAP ${host} 127.0.0.1`).join(",");
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: options.headless ?? true,
    viewport: null,
    colorScheme: null, // otherwise Playwright forces the light theme inside the panel
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
    args: [
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
      `--window-size=${width},${height}`,
      `--disable-extensions-except=${extensions}`,
      `--load-extension=${extensions}`,
      ...(hosts === "" ? [] : [`--host-resolver-rules=${hosts}`, "--ignore-certificate-errors"]),
    ],
  });
  const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent("serviceworker"));
  const extensionId = new URL(worker.url()).host;
  const origin = `chrome-extension://${extensionId}`;
  collectErrors(context, origin, errors);
  const browser = context.browser();
  if (browser === null) throw new Error("Playwright gives no browser for a persistent context");
  let room: Page | undefined;
  const session = await browser.newBrowserCDPSession();
  return {
    context,
    browser: session,
    extensionId,
    version: `Chromium ${browser.version()}`,
    first: context.pages().find((page) => page.url() === "about:blank") ?? null,
    async backRoom() {
      // A reload of the extension closes it.
      if (room === undefined || room.isClosed()) room = await openBackRoom(context, session, origin);
      return room;
    },
  };
}

function collectErrors(context: BrowserContext, origin: string, errors: string[]): void {
  context.on("console", (message) => {
    if (message.type() !== "error" || !message.location().url.startsWith(origin)) return;
    errors.push(`${message.location().url}: ${message.text()}`);
  });
  context.on("weberror", (webError) => {
    const error = webError.error();
    if (error.stack?.includes(origin)) errors.push(error.stack);
  });
}

/**
 * The manifest opened as a page: it has the extension's rights and runs no code. It opens in the background and hides no tab.
 *
 * A page is reported before it has its address, so this waits for the address.
 */
async function openBackRoom(context: BrowserContext, browser: CDPSession, origin: string): Promise<Page> {
  const url = `${origin}/manifest.json`;
  await browser.send("Target.createTarget", { url, background: true });
  for (const deadline = Date.now() + ACTION_MS; Date.now() < deadline; ) {
    const room = context.pages().find((page) => page.url() === url);
    if (room !== undefined) return room;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`Chromium opens no page on ${url} within ${ACTION_MS / 1000} s`);
}

/** The page that Chromium started with, once; then new ones. Any other blank page is about to load an address. */
async function blankPage(running: Running): Promise<Page> {
  const { first } = running;
  running.first = null;
  return first !== null && !first.isClosed() ? first : running.context.newPage();
}

function createSitePage(running: Running, page: Page): SitePage {
  return {
    ...createSurface(page, page),
    async goto(url) {
      await page.goto(url);
    },
    async reload() {
      await page.reload();
    },
    url: async () => page.url(),
    show: () => page.bringToFront(),
    openTools: () => openChromiumTools(running, page),
    close: () => page.close(),
  };
}

type ApiCookie = Omit<BrowserCookie, "expirationDate" | "partition"> & {
  expirationDate?: number;
  partitionKey?: { topLevelSite?: string };
};

/** The part of `chrome.cookies` that is called in the back room. */
interface CookiesApi {
  getAll(details: { url: string; partitionKey: object }): Promise<ApiCookie[]>;
}

/** Runs in the back room. */
async function readCookies(url: string): Promise<BrowserCookie[]> {
  // There `chrome` is the extension API, which a page's types do not include.
  const { cookies: api } = (globalThis as unknown as { chrome: { cookies: CookiesApi } }).chrome;
  const cookies = await api.getAll({ url, partitionKey: {} });
  return cookies.map(({ name, value, domain, path, httpOnly, secure, hostOnly, sameSite, ...ends }) => {
    const partition = ends.partitionKey?.topLevelSite ?? null;
    const expirationDate = ends.expirationDate ?? null;
    return { name, value, domain, path, httpOnly, secure, hostOnly, sameSite, partition, expirationDate };
  });
}

/** The page that an action opens, as soon as it has an address. */
async function waitForPage({ context }: Running, act: () => Promise<unknown>): Promise<Page> {
  const [page] = await Promise.all([context.waitForEvent("page", { timeout: ACTION_MS }), act()]);
  await page.waitForLoadState();
  return page;
}

async function stopWorker(running: Running): Promise<void> {
  const { targetInfos } = await running.browser.send("Target.getTargets");
  const prefix = `chrome-extension://${running.extensionId}/`;
  const worker = targetInfos.find(({ type, url }) => type === "service_worker" && url.startsWith(prefix));
  if (worker !== undefined) await running.browser.send("Target.closeTarget", { targetId: worker.targetId });
}
