/** The real ports: the panel's outside world, made of the browser. The only file here that imports `wxt/browser`. */
import type { Browser, Runtime } from "webextension-polyfill";
import { browser as wxtBrowser } from "wxt/browser";
import { parseNotice } from "../messages/background-messages.ts";
import { toPortName } from "../messages/recorder-messages.ts";
import { createPermissionsPort, type RequestApi } from "./access.ts";
import { createAsk } from "./ask-background.ts";
import { createBridge } from "./bridge.ts";
import { createCookiesPort, createRehearsalPort, type Poll } from "./cookie-jar.ts";
import { createEvaluate, createRenewal } from "./evaluate.ts";
import { withFoundBridge } from "./find-bridge.ts";
import type { ClockPort, Ports, PreferencesPort } from "./ports.ts";
import { openRecorderPort, type RecorderPort } from "./recorder-port.ts";
import { createTabPort, type DevtoolsApi } from "./tab.ts";
import { createTokenStore } from "./tokens.ts";

/** If DevTools takes longer to name the page's documents, it is not waited for. */
const DOCUMENTS_MS = 1000;
/** Cookies change in bursts (replacing one is two events); one reading after the burst is enough. */
const SETTLE_MS = 30;

/** Connects the panel with everything outside it. */
export function createPorts(): Ports {
  const browser = wxtBrowser as unknown as Browser; // at run time it is the polyfill; WXT's types are Chrome's
  const { runtime, storage } = browser;
  const devtools = browser.devtools as DevtoolsApi; // the polyfill's types lack what only one browser has
  const permissions = browser.permissions as RequestApi | undefined; // Firefox gives a panel none
  const { tabId } = devtools.inspectedWindow;

  const ask = createAsk((message) => runtime.sendMessage(message));
  const line = openRecorderPort(() => runtime.connect({ name: toPortName(tabId) }));
  const evaluate = createEvaluate({
    raw: (expression, options) =>
      options
        ? devtools.inspectedWindow.eval(expression, options)
        : devtools.inspectedWindow.eval(expression),
    renew: permissions ? null : createRenewal(document), // Chrome's panel has permissions, and keeps its page
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  });
  const notices = listenForNotices(runtime, tabId);
  const access = createPermissionsPort({
    ask,
    tabId,
    permissions,
    watch: notices.watch("access-changed", 0),
  });
  const jar = {
    ask,
    tabId,
    evaluate,
    sites: line.sites,
    documents: documentsOf(devtools),
    watch: notices.watch("cookies-changed", SETTLE_MS),
  };

  return {
    cookies: createCookiesPort({ ...jar, poll: permissions ? () => () => {} : pollWhile(line.watchVisible) }),
    rehearsal: createRehearsalPort(jar),
    requests: line.requests,
    keep: line.keep,
    bridge: withFoundBridge(
      createBridge({
        fetch: (url, init) => fetch(url, init),
        hasAccess: access.has,
        tokens: createTokenStore(storage.session),
        timeout: (ms) => AbortSignal.timeout(ms),
      }),
    ),
    tab: createTabPort({
      devtools,
      ask,
      evaluate,
      watchVisible: line.watchVisible,
      watchPage: notices.watch("page-changed", 0),
    }),
    permissions: access,
    preferences: createPreferencesPort(storage.local),
    clock,
  };
}

/** Only Firefox needs polling. Half the time that a person takes to come back from the settings. */
const POLL_MS = 3_000;

/** Polls while the panel is on screen. A task that fails gets its turn again. */
function pollWhile(watchVisible: RecorderPort["watchVisible"]): Poll {
  return (task) => {
    let visible = false;
    const stopVisible = watchVisible((shown) => {
      visible = shown;
    });
    const stopClock = clock.every(POLL_MS, () => {
      if (visible) task().catch(() => {});
    });
    return () => {
      stopVisible();
      stopClock();
    };
  };
}

const clock: ClockPort = {
  now: Date.now,
  every(ms, tick) {
    const timer = setInterval(tick, ms);
    return () => clearInterval(timer);
  },
};

function createPreferencesPort(local: Browser["storage"]["local"]): PreferencesPort {
  return {
    load: async () => (await local.get("preferences"))["preferences"],
    save: (preferences) => local.set({ preferences }),
  };
}

/** A way to ask DevTools for the documents of the page, in all frames; undefined if it does not offer one. */
function documentsOf({ inspectedWindow }: DevtoolsApi): (() => Promise<string[]>) | undefined {
  const getResources = inspectedWindow.getResources?.bind(inspectedWindow);
  return (
    getResources &&
    (() =>
      new Promise((resolve, reject) => {
        setTimeout(() => reject(new Error("[panel] DevTools named no documents.")), DOCUMENTS_MS);
        getResources((all) => resolve(all.filter(({ type }) => type === "document").map(({ url }) => url)));
      }))
  );
}

/** The background's notices, each kind to its own watchers, at most once in `settleMs`. */
function listenForNotices(runtime: Browser["runtime"], tabId: number) {
  const watchers = new Map<string, Set<() => void>>();
  runtime.onMessage.addListener((message: unknown, sender: Runtime.MessageSender) => {
    const notice = sender.id === runtime.id ? parseNotice(message) : null;
    const isOfOther = notice !== null && "tabId" in notice && notice.tabId !== tabId;
    if (!isOfOther) for (const watcher of watchers.get(notice?.notice ?? "") ?? []) watcher();
    return undefined;
  });

  const watch = (kind: string, settleMs: number) => (changed: () => void) => {
    let timer: ReturnType<typeof setTimeout> | null = null;
    const watcher = () => {
      timer ??= setTimeout(() => {
        timer = null;
        changed();
      }, settleMs);
    };
    watchers.set(kind, (watchers.get(kind) ?? new Set()).add(watcher));
    return () => {
      watchers.get(kind)?.delete(watcher);
      if (timer !== null) clearTimeout(timer);
    };
  };
  return { watch };
}
