/**
 * The devtools page: creates the panel, and records the tab's requests from the time DevTools opens.
 *
 * It lives as long as DevTools does on this tab, shown or not, and is the panel's memory.
 */
import type { Browser, Runtime } from "webextension-polyfill";
import { browser as wxtBrowser } from "wxt/browser";
import type { Question } from "../../extension/messages/background-messages.ts";
import type { RecorderMessage } from "../../extension/messages/recorder-messages.ts";
import { isPanelPort, isRollCall } from "../../extension/recorder/admit-sender.ts";
import { createFrameOrigins } from "../../extension/recorder/frame-origins.ts";
import { watchNetworkLog } from "../../extension/recorder/network-log.ts";
import { createPanelConnections, type PanelPort } from "../../extension/recorder/panel-connections.ts";
import { createRecorder } from "../../extension/recorder/recorder.ts";
import { openSightingsInbox, type StorageApi } from "../../extension/recorder/sightings-inbox.ts";

const browser = wxtBrowser as unknown as Browser; // at run time it is the polyfill; WXT's types are Chrome's
const { devtools, runtime } = browser;
const { tabId } = devtools.inspectedWindow;
const own = { id: runtime.id, panelUrl: runtime.getURL("/panel.html"), tabId };

let visible = false;
const panels = createPanelConnections({
  recorder: () => recorder,
  greet: (): RecorderMessage[] => [
    { say: "visible", visible },
    { say: "sites", urls: sites.urls(), whole: sites.isWhole() },
  ],
  later: (task) => setTimeout(task, 0),
});
const recorder = createRecorder({
  changed: panels.changed,
  browser: import.meta.env.FIREFOX ? "firefox" : "chromium",
});
const sites = createFrameOrigins(() =>
  panels.tell({ say: "sites", urls: sites.urls(), whole: sites.isWhole() }),
);

runtime.onConnect.addListener((port) => {
  if (isPanelPort(port, own)) panels.add(port as PanelPort); // the part of the polyfill's Port that we use
});
runtime.onMessage.addListener((message: unknown, sender: Runtime.MessageSender) =>
  isRollCall(message, sender, own) ? Promise.resolve(true) : undefined,
);

watchNetworkLog(devtools.network, recorder, { now: Date.now, later: (task, ms) => setTimeout(task, ms) });
devtools.network.onNavigated.addListener((url) => {
  sites.navigated();
  panels.tell({ say: "navigated", navigation: { url, at: Date.now() } });
});
const stop = await openSightingsInbox({
  storage: browser.storage as StorageApi,
  tabId,
  see(sighting) {
    sites.see(sighting);
    recorder.see(sighting);
  },
  bid: () => runtime.sendMessage({ ask: "watch", tabId } satisfies Question),
});
recorder.begin(Date.now());
addEventListener("pagehide", () => void stop());

const panel = await devtools.panels.create("Sessions", "/icon/32.png", "/panel.html");
panel.onShown.addListener(() => show(true));
panel.onHidden.addListener(() => show(false));

function show(shown: boolean): void {
  visible = shown;
  panels.tell({ say: "visible", visible });
}
