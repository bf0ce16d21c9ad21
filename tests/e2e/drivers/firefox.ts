/**
 * Firefox for scenarios: the real browser, the real Toolbox, the real panel, over Marionette.
 *
 * How Firefox is started is in `firefox-process.ts`; what uses its internals is in `firefox-inside/`.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type {
  BrowserCookie,
  BrowserDriver,
  Dock,
  SitePage,
  StartOptions,
  Surface,
  Theme,
  Tools,
} from "../driver.ts";
import { createInside, type ErrorLog, type Inside } from "./firefox-call.ts";
import { type FirefoxProcess, launchFirefox } from "./firefox-process.ts";
import { createSurface, type Place, writePng } from "./firefox-surface.ts";
import { packXpi } from "./xpi.ts";

/** What only Firefox can do, in addition to what every driver can. */
export interface FirefoxDriver extends BrowserDriver {
  readonly name: "firefox";
  /** A tab in a container; a new profile has containers 1 to 4. */
  newContainerPage(container: number): Promise<SitePage>;
  /** A page of the extension that is open in a tab, by its path: `options.html`. Waits for it. */
  extensionTab(path: string): Surface;
  /** The extension's background, started if it sleeps; it may use every API of the extension. */
  background(): Surface;
  /** The devtools page of the Toolbox opened last. */
  devtoolsPage(): Surface;
  /** Answers Firefox's permission prompt under the address bar. */
  answerPermissionPrompt(answer: "allow" | "deny"): Promise<void>;
  setTheme(theme: Theme): Promise<void>;
  /** Sets a preference of the running browser. */
  setPreference(name: string, value: string | number | boolean): Promise<void>;
}

export interface FirefoxOptions extends StartOptions {
  /** Allows the extension in private windows. Default false, as for users. */
  allowPrivateBrowsing?: boolean;
  preferences?: Record<string, string | number | boolean>;
}

interface Running {
  process: FirefoxProcess;
  inside: Inside;
}

/** Name of our tool in the Toolbox. */
const PANEL = "Sessions";

/** Starts Firefox with the extension installed permanently, so that it is still there after a restart. */
export async function startFirefox(options: FirefoxOptions): Promise<FirefoxDriver> {
  const profile = mkdtempSync(join(tmpdir(), "sessions-firefox-"));
  const log: ErrorLog = { lines: [] };
  const id = readId(options.extension);
  const launch = async (): Promise<Running> => {
    const process = await launchFirefox({
      profile,
      preferences: toPreferences(options),
      ...(options.headless === undefined ? {} : { headless: options.headless }),
      ...(options.size === undefined ? {} : { size: options.size }),
      ...(options.executable === undefined ? {} : { executable: options.executable }),
    });
    return { process, inside: createInside(process.marionette, id, log) };
  };

  let running = await launch();
  const inside: Inside = (name, argument) => running.inside(name, argument);
  await install(running, options, profile);
  const withheld = new Map<string, unknown>();
  const { promise: closed, resolve: ended } = Promise.withResolvers<void>();
  let restarting = false;
  const watchEnd = () => void running.process.ended.then(() => restarting || ended());
  watchEnd();

  const openPage = async (where: { isPrivate?: boolean; container?: number }) => {
    const tabId = Number(await inside("openTab", where));
    return createPage(inside, { tabId, id, dock: options.dock ?? "bottom" });
  };

  return {
    name: "firefox",
    version: String(await inside("version")),
    profile,
    newPage: () => openPage({}),
    newPrivatePage: () => openPage({ isPrivate: true }),
    newContainerPage: (container) => openPage({ container }),
    extensionTab: (path) => createSurface(inside, { id, path }),
    background: () => createSurface(inside, { id, view: "background" }),
    devtoolsPage: () => createSurface(inside, { id, view: "devtools_page" }),
    ...settingsOf(inside),
    cookies: (url) => readCookies(createSurface(inside, { id, view: "background" }), url),
    async clearCookies() {
      await inside("clearCookies");
    },
    originOf: async (folder) => String(await inside("originOf", { id: readId(folder) })),
    async stopWorker() {
      await inside("stopBackground", { id });
    },
    async update() {
      await install(running, options, profile);
      await inside("startBackground", { id });
    },
    async pageOpenedBy(act) {
      const before = await inside("tabIds");
      await act();
      const tabId = Number(await inside("newTab", { before }));
      return createPage(inside, { tabId, id, dock: options.dock ?? "bottom" });
    },
    async setAccess(host, allowed) {
      const patterns = withheld.get(host) ?? [`*://${host}/*`];
      withheld.set(host, await inside("setAccess", { id, host, allowed, patterns }));
    },
    errors: () => [...log.lines],
    async restart() {
      restarting = true;
      await running.process.quit();
      running = await launch();
      restarting = false;
      watchEnd();
    },
    whenClosed: () => closed,
    async close() {
      await running.process.quit();
      await removeFolder(profile);
    },
  };
}

/** What a user changes in the browser itself. */
function settingsOf(
  inside: Inside,
): Pick<FirefoxDriver, "answerPermissionPrompt" | "setTheme" | "setPreference"> {
  return {
    async answerPermissionPrompt(answer) {
      await inside("answerPrompt", { answer });
    },
    async setTheme(theme) {
      await inside("setPreference", { name: "devtools.theme", value: theme });
    },
    async setPreference(name, value) {
      await inside("setPreference", { name, value });
    },
  };
}

/** Installs the extension permanently, over itself if it is there. */
async function install(running: Running, options: FirefoxOptions, profile: string): Promise<void> {
  for (const folder of [options.extension, ...(options.others ?? [])]) {
    const path = join(profile, `${basename(folder)}.xpi`);
    packXpi(folder, path);
    const allowPrivateBrowsing = options.allowPrivateBrowsing ?? false;
    await running.process.marionette.send("Addon:Install", { path, temporary: false, allowPrivateBrowsing });
  }
}

interface PageContext {
  tabId: number;
  id: string;
  /** Where the Toolbox opens. */
  dock: Dock;
}

function createPage(inside: Inside, context: PageContext): SitePage {
  const { tabId } = context;
  return {
    ...createSurface(inside, { tabId }),
    async goto(url) {
      await inside("goto", { tabId, url });
    },
    async reload() {
      await inside("reload", { tabId });
    },
    url: async () => String(await inside("url", { tabId })),
    async show() {
      await inside("show", { tabId });
    },
    async openTools() {
      await inside("openTools", { tabId, dock: context.dock });
      return createTools(inside, context);
    },
    async close() {
      await inside("closeTab", { tabId });
    },
  };
}

function createTools(inside: Inside, { tabId, id }: PageContext): Tools {
  return {
    async showPanel() {
      await inside("showPanel", { tabId, label: PANEL });
      const place: Place = { id, view: "devtools_panel", tabId };
      await inside("listen", { place });
      const panel = createSurface(inside, place);
      await untilRendered(panel);
      return panel;
    },
    async hidePanel() {
      await inside("hidePanel", { tabId });
    },
    screenshot: async (path) => writePng(path, await inside("toolsPng", { tabId, id })),
    async dock(where) {
      await inside("dock", { tabId, where });
    },
    async close() {
      await inside("closeTools", { tabId });
    },
  };
}

/** The panel is ready when its toolbar is there. Before that, its document may still be replaced. */
async function untilRendered(panel: Surface): Promise<void> {
  let last: unknown;
  for (const end = Date.now() + 15_000; Date.now() < end; await wait(25)) {
    const toolbars = await panel.texts({ role: "toolbar" }).catch((error: unknown) => {
      last = error;
      return [];
    });
    if (toolbars.length > 0) return;
  }
  const shown = await panel
    .evaluate(() => `${location.href}: ${document.body.innerText}`, null)
    .catch(String);
  throw new Error(`[firefox] the panel showed no toolbar within 15 s but ${shown} (${String(last)})`);
}

type ApiCookie = Omit<BrowserCookie, "expirationDate" | "partition"> & {
  expirationDate?: number;
  partitionKey?: { topLevelSite?: string } | null;
};

async function readCookies(background: Surface, url: string): Promise<BrowserCookie[]> {
  const json = await background.evaluate(async (of: string) => {
    const api = (globalThis as unknown as { browser: { cookies: { getAll(q: object): Promise<unknown> } } })
      .browser;
    return JSON.stringify(await api.cookies.getAll({ url: of, partitionKey: {} }));
  }, url);
  const cookies = JSON.parse(json) as ApiCookie[]; // the browser's own objects
  // Firefox continues to list an expired cookie, but no longer sends it.
  const living = cookies.filter(({ expirationDate: end }) => end === undefined || end * 1000 > Date.now());
  return living.map(({ name, value, domain, path, httpOnly, secure, hostOnly, sameSite, ...ends }) => {
    const partition = ends.partitionKey?.topLevelSite ?? null;
    const expirationDate = ends.expirationDate ?? null;
    return { name, value, domain, path, httpOnly, secure, hostOnly, sameSite, partition, expirationDate };
  });
}

function toPreferences(options: FirefoxOptions): Record<string, string | number | boolean> {
  return {
    "devtools.theme": options.theme ?? "light",
    "devtools.toolbox.host": options.dock ?? "bottom",
    "devtools.toolbox.footer.height": 460,
    "devtools.toolbox.sidebar.width": 520,
    ...(options.hosts === undefined ? {} : { "network.dns.localDomains": options.hosts.join(",") }),
    ...options.preferences,
  };
}

/** The add-on id that the manifest names for Firefox. */
function readId(extension: string): string {
  const manifest = JSON.parse(readFileSync(join(extension, "manifest.json"), "utf8")) as {
    browser_specific_settings?: { gecko?: { id?: string } };
  }; // our own build
  const id = manifest.browser_specific_settings?.gecko?.id;
  if (id === undefined)
    throw new Error(`[e2e] ${extension}/manifest.json names no gecko id. Build for Firefox first.`);
  return id;
}

/** Firefox may keep files open shortly after it has ended. */
function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
