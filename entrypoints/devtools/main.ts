/**
 * The devtools page: makes the panel, and records the tab's requests from the moment DevTools opens.
 *
 * It lives as long as DevTools does on this tab, shown or not, and is the panel's memory.
 */
import type { Browser, Runtime } from "webextension-polyfill";
import { browser as wxtBrowser } from "wxt/browser";
import { parseNotice, type Question } from "../../extension/messages/background-messages.ts";
import { type RecorderMessage, toPortName } from "../../extension/messages/recorder-messages.ts";
import { createSites } from "../../extension/recorder/frame-origins.ts";
import { watchLog } from "../../extension/recorder/network-log.ts";
import { createPanels, type PanelPort } from "../../extension/recorder/panel-connections.ts";
import { createRecorder } from "../../extension/recorder/recorder.ts";
import { openInbox, type StorageApi } from "../../extension/recorder/sightings-inbox.ts";

const browser = wxtBrowser as unknown as Browser; // at run time it is the polyfill; WXT's types are Chrome's
const { devtools, runtime } = browser;
const { tabId } = devtools.inspectedWindow;

let visible = false;
const panels = createPanels({
  recorder: () => recorder,
  greet: (): RecorderMessage[] => [
    { say: "visible", visible },
    { say: "sites", urls: sites.urls() },
  ],
  later: (task) => setTimeout(task, 0),
});
const recorder = createRecorder({ changed: panels.changed });
const sites = createSites(() => panels.tell({ say: "sites", urls: sites.urls() }));

runtime.onConnect.addListener((port) => {
  const ours = port.sender?.id === runtime.id && port.sender.url === runtime.getURL("/panel.html");
  if (ours && port.name === toPortName(tabId)) panels.add(port as PanelPort); // a Port of ours says no more
});
runtime.onMessage.addListener((message: unknown, sender: Runtime.MessageSender) => {
  const notice = sender.id === runtime.id ? parseNotice(message) : null;
  return notice?.notice === "roll-call" && notice.tabId === tabId ? Promise.resolve(true) : undefined;
});

watchLog(devtools.network, recorder, (task, ms) => setTimeout(task, ms));
devtools.network.onNavigated.addListener((url) => {
  sites.navigated();
  panels.tell({ say: "navigated", navigation: { url, at: Date.now() } });
});
const stop = await openInbox({
  storage: browser.storage as StorageApi,
  tabId,
  see(sighting) {
    sites.see(sighting);
    recorder.see(sighting);
  },
  bid: () => runtime.sendMessage({ ask: "watch", tabId } satisfies Question),
});
addEventListener("pagehide", () => void stop());

const panel = await devtools.panels.create("Sessions", "/icon/32.png", "/panel.html");
panel.onShown.addListener(() => show(true));
panel.onHidden.addListener(() => show(false));

function show(shown: boolean): void {
  visible = shown;
  panels.tell({ say: "visible", visible });
}
