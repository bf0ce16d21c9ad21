/** Tabs: open, load, show, close. */
import { clearTimeout, setTimeout } from "resource://gre/modules/Timer.sys.mjs";
import { browserWindows, findTab, until, windowOf } from "./places.mjs";

const { BrowserWindowTracker } = ChromeUtils.importESModule(
  "resource:///modules/BrowserWindowTracker.sys.mjs",
);

const LOAD_MS = 30_000;
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
  const { gBrowser } = windowOf(tab);
  const { promise, resolve, reject } = Promise.withResolvers();
  const { STATE_START, STATE_STOP, STATE_IS_NETWORK } = Ci.nsIWebProgressListener;
  let begun = false; // the end of an earlier load, such as that of a new tab's empty page, may come first
  const listener = {
    onStateChange(browser, progress, _request, flags, status) {
      if (browser !== tab.linkedBrowser || !progress.isTopLevel || !(flags & STATE_IS_NETWORK)) return;
      if (flags & STATE_START) begun = true;
      if (!(flags & STATE_STOP) || !begun || status === Cr.NS_BINDING_ABORTED) return;
      if (Components.isSuccessCode(status)) resolve();
      else reject(new Error(`${browser.currentURI.spec} did not load (0x${status.toString(16)})`));
    },
  };
  gBrowser.addTabsProgressListener(listener);
  const late = setTimeout(() => reject(new Error("waited 30 s for a page to load")), LOAD_MS);
  try {
    act(tab.linkedBrowser);
    await promise;
  } finally {
    clearTimeout(late);
    gBrowser.removeTabsProgressListener(listener);
  }
}
