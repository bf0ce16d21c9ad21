/** Tabs: open, load, show, close. */
import { clearTimeout, setTimeout } from "resource://gre/modules/Timer.sys.mjs";
import { browserWindows, findTab, until, windowOf } from "./places.mjs";

const { BrowserWindowTracker } = ChromeUtils.importESModule(
  "resource:///modules/BrowserWindowTracker.sys.mjs",
);

const LOAD_MS = 30_000;
/** A click that leads elsewhere has begun to by then. */
const BEGIN_MS = 80;
/** A page that takes longer is left to the scenario's own waiting. */
const SETTLE_MS = 5_000;
const triggeringPrincipal = Services.scriptSecurityManager.getSystemPrincipal();

/** A new tab in front, in a private window of its own or in a container if asked. Gives its id. */
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

/** Closes a tab; a private window with it. The last ordinary window keeps an empty tab, since Firefox ends with it. */
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

export const url = ({ tabId }) => findTab(tabId).linkedBrowser.currentURI.spec;

export function show({ tabId }) {
  const tab = findTab(tabId);
  windowOf(tab).gBrowser.selectedTab = tab;
  windowOf(tab).focus();
}

/** Does something that loads a page and waits for its `load`. */
async function loading(tab, act) {
  const load = watchLoad(tab);
  const late = setTimeout(() => load.fail("waited 30 s for a page to load"), LOAD_MS);
  try {
    act(tab.linkedBrowser);
    await load.ended;
  } finally {
    clearTimeout(late);
    load.stop();
  }
}

/** Does something that may load a page; if it begins to, waits for the end of that, whatever it is. */
export async function settling(tab, act) {
  const load = watchLoad(tab);
  try {
    const result = await act();
    const started = await Promise.race([load.begun, pause(BEGIN_MS).then(() => false)]);
    if (started) await Promise.race([load.ended.catch(() => {}), pause(SETTLE_MS)]);
    return result;
  } finally {
    load.stop();
  }
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Follows the loads of a tab from now on. The end of an earlier one, such as a new tab's empty page, is not counted. */
function watchLoad(tab) {
  const { gBrowser } = windowOf(tab);
  const { STATE_START, STATE_STOP, STATE_IS_NETWORK } = Ci.nsIWebProgressListener;
  const begun = Promise.withResolvers();
  const ended = Promise.withResolvers();
  ended.promise.catch(() => {}); // who does not wait for it does not care
  let isBegun = false;
  const listener = {
    onStateChange(browser, progress, _request, flags, status) {
      if (browser !== tab.linkedBrowser || !progress.isTopLevel || !(flags & STATE_IS_NETWORK)) return;
      if (flags & STATE_START) {
        isBegun = true;
        begun.resolve(true);
      }
      if (!(flags & STATE_STOP) || !isBegun || status === Cr.NS_BINDING_ABORTED) return;
      if (Components.isSuccessCode(status)) ended.resolve();
      else ended.reject(new Error(`${browser.currentURI.spec} did not load (0x${status.toString(16)})`));
    },
  };
  gBrowser.addTabsProgressListener(listener);
  return {
    begun: begun.promise,
    ended: ended.promise,
    fail: (reason) => ended.reject(new Error(reason)),
    stop: () => gBrowser.removeTabsProgressListener(listener),
  };
}
