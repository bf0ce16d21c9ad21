/** The real Toolbox: open it, choose our panel, move it, take a picture. */
import { pngWith } from "./acts.mjs";
import { findBrowser, findTab, findToolbox, until } from "./places.mjs";

const { DevToolsShim } = ChromeUtils.importESModule("chrome://devtools-startup/content/DevToolsShim.sys.mjs");

/** The tool that is in front when ours is not. */
const OTHER_TOOL = "webconsole";

export async function openTools({ tabId, dock }) {
  await DevToolsShim.showToolboxForTab(findTab(tabId), { hostType: dock, toolId: OTHER_TOOL });
}

/** An extension's tool is registered shortly after the Toolbox opens. */
export async function showPanel({ tabId, label }) {
  const toolbox = findToolbox(tabId);
  const tool = await until(`the tool ${label}`, () =>
    toolbox.getAdditionalTools().find((one) => one.label === label),
  );
  await toolbox.selectTool(tool.id);
}

export async function hidePanel({ tabId }) {
  await findToolbox(tabId).selectTool(OTHER_TOOL);
}

export async function dock({ tabId, where }) {
  await findToolbox(tabId).switchHost(where);
}

export async function closeTools({ tabId }) {
  await findToolbox(tabId).destroy();
}

/** The window that the Toolbox is in: the browser's with the page, or its own. */
export async function toolsPng({ tabId, id }) {
  const toolbox = findToolbox(tabId);
  const ours =
    toolbox.currentToolId === OTHER_TOOL ? null : await findBrowser({ id, view: "devtools_panel", tabId });
  return pngWith(toolbox.topWindow, ours);
}
