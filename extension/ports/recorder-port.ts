/**
 * The panel's end of the port to its tab's recorder: the history, then every change; and what only the devtools page learns, such
 * as whether the panel is on screen.
 */

import type { NetworkRequest, RequestHistory } from "../messages/network-request.ts";
import {
  type Navigation,
  type PanelMessage,
  parseRecorderMessage,
  type RecorderMessage,
} from "../messages/recorder-messages.ts";
import type { Sites } from "./cookie-jar.ts";
import type { KeepPort, RequestsPort } from "./ports.ts";

/** The part of `runtime.Port` that this needs. */
interface RuntimePort {
  postMessage(message: PanelMessage): void;
  onMessage: { addListener(listener: (message: unknown) => void): void };
  onDisconnect: { addListener(listener: () => void): void };
}

export interface RecorderPort {
  requests: RequestsPort;
  keep: KeepPort;
  /** Addresses of the tab's frames and servers, as far as requests showed them. */
  sites(): Sites;
  watchVisible(listener: (visible: boolean) => void): () => void;
}

/** The history and the kept values if no recorder is there to send them. */
const NOTHING: readonly RecorderMessage[] = [
  { say: "history", requests: [], dropped: 0, recording: true, more: false },
  { say: "kept", items: [], more: false },
];

/** @param connect opens a port; called again if the port broke, which only a reloaded extension causes */
export function openRecorderPort(connect: () => RuntimePort): RecorderPort {
  const listeners = new Set<(message: RecorderMessage) => void>();
  let sites: Sites = { urls: [], whole: false };
  let visible: boolean | null = null;
  let port: RuntimePort | null = null;

  function open(): RuntimePort {
    const opened = connect();
    opened.onMessage.addListener((raw) => {
      const message = parseRecorderMessage(raw);
      if (message.say === "sites") sites = { urls: message.urls, whole: message.whole };
      if (message.say === "visible") visible = message.visible;
      for (const listener of listeners) listener(message);
    });
    opened.onDisconnect.addListener(() => {
      if (port === opened) port = null;
      for (const listener of listeners) NOTHING.forEach(listener); // ends everything that was awaited
    });
    port = opened;
    return opened;
  }

  function say(message: PanelMessage): void {
    (port ?? open()).postMessage(message);
  }

  function listen(listener: (message: RecorderMessage) => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  open();
  return {
    requests: {
      history: () => readHistory(listen, say),
      watch: (listener) => listen((message) => eachRequest(message, listener)),
      watchNavigations: (listener) =>
        listen((message) => {
          if (message.say === "navigated") tellNavigation(message.navigation, listener);
        }),
      clear: () => say({ say: "clear" }),
      setRecording: (on) => say({ say: "record", on }),
    },
    keep: {
      recall: () => readKept(listen, say),
      keep: (key, value) => say({ say: "keep", key, value }),
    },
    sites: () => sites,
    watchVisible(listener) {
      if (visible !== null) listener(visible);
      return listen((message) => {
        if (message.say === "visible") listener(message.visible);
      });
    },
  };
}

/** Requests the history and collects its pieces. */
function readHistory(
  listen: (listener: (message: RecorderMessage) => void) => () => void,
  say: (message: PanelMessage) => void,
): Promise<RequestHistory> {
  const requests: NetworkRequest[] = [];
  const { promise, resolve } = Promise.withResolvers<RequestHistory>();
  const stop = listen((message) => {
    if (message.say !== "history") return;
    requests.push(...message.requests);
    if (message.more) return;
    stop();
    const { dropped, recording, since } = message;
    resolve({ requests, dropped, recording, ...(since !== undefined && { since }) });
  });
  say({ say: "history" });
  return promise;
}

/** Requests what was kept and collects its pieces. */
function readKept(
  listen: (listener: (message: RecorderMessage) => void) => () => void,
  say: (message: PanelMessage) => void,
): Promise<[string, unknown][]> {
  const items: [string, unknown][] = [];
  const { promise, resolve } = Promise.withResolvers<[string, unknown][]>();
  const stop = listen((message) => {
    if (message.say !== "kept") return;
    items.push(...message.items);
    if (message.more) return;
    stop();
    resolve(items);
  });
  say({ say: "recall" });
  return promise;
}

function eachRequest(message: RecorderMessage, listener: (request: NetworkRequest) => void): void {
  if (message.say === "requests") message.requests.forEach(listener);
}

function tellNavigation({ url, at }: Navigation, listener: (url: string, at: number) => void): void {
  listener(url, at);
}
