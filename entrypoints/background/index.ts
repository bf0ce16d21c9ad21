/**
 * The background: connects the parts. Every listener is registered in the first turn, because the browser starts this file again
 * for each event after a sleep and only delivers events to what is registered by then.
 */
import type { Browser, Runtime } from "webextension-polyfill";
import { browser as wxtBrowser } from "wxt/browser";
import { defineBackground } from "wxt/utils/define-background";
import { answerQuestion, isOurs, tellPages } from "../../extension/background/answer-questions.ts";
import { type CookiesApi, createCookieJar } from "../../extension/background/cookie-jar.ts";
import { observeRequests, type WebRequestApi } from "../../extension/background/observe-requests.ts";
import { watchAccess } from "../../extension/background/permissions.ts";
import { createSightingsOutbox } from "../../extension/background/sightings-outbox.ts";
import { createWatchedTabs } from "../../extension/background/watched-tabs.ts";
import type { Notice } from "../../extension/messages/background-messages.ts";
import { toOptionsPath } from "../../extension/messages/options-address.ts";

export default defineBackground(() => {
  const browser = wxtBrowser as unknown as Browser; // at run time it is the polyfill; WXT's types are Chrome's
  const { runtime, permissions, tabs } = browser;
  const send = (notice: Notice): Promise<unknown> => runtime.sendMessage(notice);

  const outbox = createSightingsOutbox({
    storage: browser.storage.session,
    now: Date.now,
    isThere: async (tabId) => (await tellPages(send, { notice: "roll-call", tabId })) === true,
    forgot: () => void watch.check(),
  });
  // The polyfill's types know neither Chrome's "extraHeaders" nor how few fields we read.
  const requests = observeRequests(browser.webRequest as unknown as WebRequestApi, outbox.push, Date.now);
  const reportCookies = () => void tellPages(send, { notice: "cookies-changed" });
  const reportPage = (tabId: number, { status }: { status?: string }) => {
    if (status !== undefined) void tellPages(send, { notice: "page-changed", tabId });
  };
  const watch = createWatchedTabs({
    start() {
      requests.start();
      tabs.onUpdated.addListener(reportPage);
      browser.cookies.onChanged.addListener(reportCookies);
    },
    renew: requests.renew,
    stop() {
      requests.stop();
      tabs.onUpdated.removeListener(reportPage);
      browser.cookies.onChanged.removeListener(reportCookies);
    },
    isWatching: outbox.isWatching,
  });
  void watch.check();

  tabs.onRemoved.addListener((tabId) => void outbox.forget(tabId));
  watchAccess(permissions, () => {
    watch.renew();
    void tellPages(send, { notice: "access-changed" });
  });

  const cookies = {
    getAll: (details) => browser.cookies.getAll(details),
    set: (details) => browser.cookies.set(details),
    getAllCookieStores: () => browser.cookies.getAllCookieStores(),
    getTab: (tabId) => tabs.get(tabId),
  } as CookiesApi; // `sameSite` is wider in the browsers than in the polyfill's types
  const parts = {
    jar: createCookieJar(cookies, Date.now),
    permissions,
    tabs,
    watch: watch.begin,
    openOptions: (origin: string, tabId: number) =>
      tabs.create({
        url: runtime.getURL(toOptionsPath(origin, tabId)),
      }),
  };
  runtime.onMessage.addListener((message: unknown, sender: Runtime.MessageSender) =>
    isOurs(sender, runtime.id, runtime.getURL("")) ? answerQuestion(parts, message) : undefined,
  );
});
