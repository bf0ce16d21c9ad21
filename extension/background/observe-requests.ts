/**
 * `webRequest` as a series of sightings: what was requested, which cookies were sent, which came back.
 *
 * The authority for Cookie and Set-Cookie in both browsers; the devtools' own log loses some. It only observes: no request is
 * held, changed or repeated.
 */
import type { EpochMs } from "session-bridge/protocol";
import {
  findAll,
  type Header,
  readAheadMs,
  readClearsCookies,
  readCookieNames,
  readSetCookies,
  readTrace,
  traceFields,
} from "../messages/headers.ts";
import { SOCKET_METHOD } from "../messages/network-request.ts";
import { readServer } from "../messages/server-headers.ts";
import type { Phase, Sighting } from "../messages/sighting.ts";

/** The fields of `webRequest`'s details that are read. */
export interface RequestDetails {
  requestId: string;
  tabId: number;
  timeStamp: number;
  method: string;
  url: string;
  type: string;
  statusCode?: number;
  fromCache?: boolean;
  error?: string;
  requestHeaders?: Header[];
  responseHeaders?: Header[];
}

type Listener = (details: RequestDetails) => void;

interface RequestEvent {
  addListener(listener: Listener, filter: { urls: string[] }, extra?: string[]): void;
  removeListener(listener: Listener): void;
}

/** The part of `browser.webRequest` that this needs. */
export interface WebRequestApi {
  onBeforeRequest: RequestEvent;
  onSendHeaders: RequestEvent;
  onHeadersReceived: RequestEvent;
  onBeforeRedirect: RequestEvent;
  onCompleted: RequestEvent;
  onErrorOccurred: RequestEvent;
  /** Chrome only: it hides cookies unless this option is given, which Firefox rejects. */
  OnSendHeadersOptions?: { EXTRA_HEADERS?: string };
}

const EVENTS = [
  ["onBeforeRequest", "started", null],
  ["onSendHeaders", "sent", ["requestHeaders"]],
  ["onHeadersReceived", "received", ["responseHeaders"]],
  ["onBeforeRedirect", "redirected", ["responseHeaders"]],
  ["onCompleted", "completed", ["responseHeaders"]],
  ["onErrorOccurred", "failed", null],
] as const satisfies readonly (readonly [keyof WebRequestApi, Phase, readonly string[] | null])[];

interface Observer {
  start(): void;
  /**
   * Listens again, to see the requests of hosts that were granted since.
   *
   * Chrome's listeners do not see hosts granted after them until one is added whose filter the extension has not used since the
   * browser started, in whichever background (measured in 156). So each renewal carries a unique address that no request has.
   */
  renew(): void;
  stop(): void;
}

const EVERYWHERE = "<all_urls>";

/**
 * Observes the requests of tabs; those of workers and of the browser itself belong to no tab.
 *
 * @param now for addresses that were never used before
 */
export function observeRequests(
  api: WebRequestApi,
  see: (tabId: number, sighting: Sighting) => void,
  now: () => EpochMs,
): Observer {
  const cookies = api.OnSendHeadersOptions?.EXTRA_HEADERS;
  const listeners = EVENTS.map(([event, phase, headers]) => {
    const extra = [...(headers ?? []), ...(cookies && headers ? [cookies] : [])];
    const listener: Listener = (details) => {
      if (details.tabId >= 0) see(details.tabId, toSighting(phase, details));
    };
    return {
      add(urls: string[]) {
        if (extra.length > 0) api[event].addListener(listener, { urls }, extra);
        else api[event].addListener(listener, { urls });
      },
      remove: () => api[event].removeListener(listener),
    };
  });

  function stop(): void {
    for (const { remove } of listeners) remove();
  }

  return {
    start() {
      for (const { add } of listeners) add([EVERYWHERE]);
    },
    renew() {
      stop();
      const unused = `http://renewed-${Math.trunc(now())}.invalid/*`;
      for (const { add } of listeners) add([EVERYWHERE, unused]);
    },
    stop,
  };
}

/** What an app answers itself. Files may come from elsewhere, and there are many. */
const SAYS_SERVER: ReadonlySet<string> = new Set(["main_frame", "sub_frame", "xmlhttprequest"]);

function serverField(headers: readonly Header[]): Pick<Sighting, "server"> {
  const server = readServer(headers);
  return server === undefined ? {} : { server };
}

/** One event of `webRequest`, as it is sent to the recorder. */
function toSighting(phase: Phase, details: RequestDetails): Sighting {
  const { requestHeaders, responseHeaders } = details;
  return {
    requestId: details.requestId,
    phase,
    at: details.timeStamp,
    method: details.type === "websocket" ? SOCKET_METHOD : details.method,
    url: details.url,
    type: details.type,
    status: details.statusCode && details.statusCode > 0 ? details.statusCode : null,
    sentCookies: requestHeaders ? readCookieNames(findAll(requestHeaders, "cookie")) : null,
    setCookies: responseHeaders ? readSetCookies(findAll(responseHeaders, "set-cookie")) : null,
    aheadMs: phase === "received" && responseHeaders ? readAheadMs(responseHeaders, details.timeStamp) : null,
    ...(readClearsCookies(findAll(responseHeaders ?? [], "clear-site-data")) && { clearsCookies: true }),
    ...(SAYS_SERVER.has(details.type) && serverField(responseHeaders ?? [])),
    ...traceFields(readTrace(responseHeaders ?? [])),
    fromCache: details.fromCache === true,
    error: details.error ?? null,
  };
}
