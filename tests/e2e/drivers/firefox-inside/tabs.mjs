/** Tabs: open, load, show, close. */
import { setTimeout } from "resource://gre/modules/Timer.sys.mjs";
import { allTabs, browserWindows, findTab, until, windowOf } from "./places.mjs";

const { BrowserWindowTracker } = ChromeUtils.importESModule(
  "resource:///modules/BrowserWindowTracker.sys.mjs",
);

const LOAD_MS = 30_000;
/** A requested load has begun by then. */
const IDLE_MS = 3_000;
/** A navigation after a click has begun by then. */
const BEGIN_MS = 80;
/** If a page takes longer, the scenario has to wait for it. */
const SETTLE_MS = 5_000;
const triggeringPrincipal = Services.scriptSecurityManager.getSystemPrincipal();

/** Opens a new tab in front; on request in its own private window or in a container. Returns its id. */
export async function openTab({ isPrivate, container }) {
  const ordinary = BrowserWindowTracker.getTopWindow({ private: false });
  const win = isPrivate
    ? await BrowserWindowTracker.promiseOpenWindow({ private: true, openerWindow: ordinary })
    : ordinary;
  const tab = win.gBrowser.addTab("about:blank", { triggeringPrincipal, userContextId: container ?? 0 });
  win.gBrowser.selectedTab = tab;
  await until("a new tab", () => tab.linkedBrowser.browsingContext?.currentWindowGlobal);
  return tab.linkedBrowser.browserId;
}

const idOf = (tab) => tab.linkedBrowser.browserId;

/** Ids of every tab of every window. */
export const tabIds = () => allTabs().map(idOf);

/** The id of the first tab that is not among `before`, once its page has loaded. */
export async function newTab({ before }) {
  const tab = await until("a page to open a tab", () => allTabs().find((one) => !before.includes(idOf(one))));
  const isLoaded = ({ currentURI, webProgress }) =>
    !webProgress.isLoadingDocument && currentURI.spec !== "about:blank";
  await until("the new tab to load", () => isLoaded(tab.linkedBrowser));
  return idOf(tab);
}

/** Closes a tab, and its private window. The last ordinary window keeps an empty tab, since Firefox quits with it. */
export function closeTab({ tabId }) {
  const tab = findTab(tabId);
  const win = windowOf(tab);
  if (win.gBrowser.tabs.length === 1) {
    if (browserWindows().length > 1) return win.close();
    win.gBrowser.addTab("about:blank", { triggeringPrincipal });
  }
  win.gBrowser.removeTab(tab, { skipPermitUnload: true });
}

export const goto = ({ tabId, url }) =>
  loading(findTab(tabId), (browser) => browser.loadURI(Services.io.newURI(url), { triggeringPrincipal }));

export const reload = ({ tabId }) => loading(findTab(tabId), (browser) => browser.reload());

/**
 * Does something that loads a page and waits until a new document has loaded completely.
 *
 * Tries again when nothing loads: a new tab's empty page, arriving late, can cancel the requested load.
 */
async function loading(tab, act) {
  const browser = tab.linkedBrowser;
  const idOf = () => browser.browsingContext?.currentWindowGlobal?.innerWindowId;
  const before = idOf();
  for (const end = Date.now() + LOAD_MS; Date.now() < end; ) {
    act(browser);
    for (const idle = Date.now() + IDLE_MS; Date.now() < idle || browser.webProgress.isLoadingDocument; ) {
      await pause(15);
      const address = browser.browsingContext?.currentWindowGlobal?.documentURI.spec ?? "about:blank";
      if (browser.webProgress.isLoadingDocument || idOf() === before || address === "about:blank") continue;
      if (address.startsWith("about:neterror")) throw new Error(`${browser.currentURI.spec} did not load`);
      return;
    }
  }
  throw new Error("waited 30 s for a page to load");
}

export const url = ({ tabId }) => findTab(tabId).linkedBrowser.currentURI.spec;

export async function show({ tabId }) {
  const tab = findTab(tabId);
  const { gBrowser } = windowOf(tab);
  windowOf(tab).focus();
  if (gBrowser.selectedTab === tab) return;
  // until then the tab before is on screen, and gets the clicks
  const switched = new Promise((resolve) => {
    gBrowser.addEventListener("TabSwitchDone", resolve, { once: true });
  });
  gBrowser.selectedTab = tab;
  await Promise.race([switched, pause(SETTLE_MS)]);
}

/** Does something that may load a page; if a load begins, waits until it ends, successful or not. */
export async function settling(tab, act) {
  const load = watchLoad(tab);
  try {
    const result = await act();
    const started = await Promise.race([load.begun, pause(BEGIN_MS).then(() => false)]);
    if (started) await Promise.race([load.ended, pause(SETTLE_MS)]);
    return result;
  } finally {
    load.stop();
  }
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Follows the loads of a tab from now on: their start and end. */
function watchLoad(tab) {
  const { gBrowser } = windowOf(tab);
  const { STATE_START, STATE_STOP, STATE_IS_NETWORK } = Ci.nsIWebProgressListener;
  const begun = Promise.withResolvers();
  const ended = Promise.withResolvers();
  const listener = {
    onStateChange(browser, progress, _request, flags, status) {
      if (browser !== tab.linkedBrowser || !progress.isTopLevel || !(flags & STATE_IS_NETWORK)) return;
      if (flags & STATE_START) begun.resolve(true);
      if (flags & STATE_STOP && status !== Cr.NS_BINDING_ABORTED) ended.resolve();
    },
  };
  gBrowser.addTabsProgressListener(listener);
  return {
    begun: begun.promise,
    ended: ended.promise,
    stop: () => gBrowser.removeTabsProgressListener(listener),
  };
}
