/** Finds tabs, Toolboxes and the extension's documents, and waits for those that do not exist yet. */
import { setTimeout } from "resource://gre/modules/Timer.sys.mjs";

const { DevToolsShim } = ChromeUtils.importESModule("chrome://devtools-startup/content/DevToolsShim.sys.mjs");

const WAIT_MS = 15_000;

/** Calls again every 20 ms until the result is truthy; fails with `what` after 15 s. */
export async function until(what, ask) {
  for (const end = Date.now() + WAIT_MS; ; await new Promise((resolve) => setTimeout(resolve, 20))) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`waited 15 s for ${what}`);
  }
}

export const browserWindows = () => [...Services.wm.getEnumerator("navigator:browser")];

/** Every tab of every window, including private ones. */
export const allTabs = () => browserWindows().flatMap((win) => [...win.gBrowser.tabs]);

export const windowOf = (tab) => tab.ownerDocument.defaultView;

export function findTab(tabId) {
  const tab = allTabs().find((one) => one.linkedBrowser.browserId === tabId);
  if (!tab) throw new Error("this tab is closed");
  return tab;
}

export function findToolbox(tabId) {
  const toolbox = DevToolsShim.getToolboxes().find((one) => tabOfToolbox(one) === tabId);
  if (!toolbox) throw new Error("DevTools is not open on this tab");
  return toolbox;
}

/** devtools/shared/commands: the tab that a Toolbox inspects. */
const tabOfToolbox = (toolbox) => toolbox.commands.descriptorFront.localTab?.linkedBrowser.browserId;

export const policyOf = (id) => WebExtensionPolicy.getByID(id);

/** Views of an extension in the parent process: toolkit/components/extensions/ExtensionParent.sys.mjs. */
async function findView({ id, view, tabId }) {
  if (view === "background") await policyOf(id).extension.wakeupBackground?.();
  return until(`the extension's ${view}`, () =>
    [...policyOf(id).extension.views].findLast(
      (one) =>
        one.viewType === view &&
        one.xulBrowser?.browsingContext?.currentWindowGlobal &&
        (tabId === undefined || tabOfToolbox(one.devToolsToolbox) === tabId),
    ),
  );
}

/** The tab that shows a page of the extension. Not found by its view, which is created only at the page's first API call. */
function findExtensionTab({ id, path }) {
  const address = `moz-extension://${policyOf(id).mozExtensionHostname}/${path}`;
  return until(`a tab with ${path}`, () =>
    allTabs().findLast((tab) => tab.linkedBrowser.currentURI.spec.startsWith(address)),
  );
}

/** The `<browser>` of a page of the site, or of one of the extension's documents. */
export async function findBrowser(place) {
  if (place.path) return (await findExtensionTab(place)).linkedBrowser;
  return place.view ? (await findView(place)).xulBrowser : findTab(place.tabId).linkedBrowser;
}
