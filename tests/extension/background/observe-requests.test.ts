/** What the background reads from `webRequest`, in both browsers. */
import { describe, expect, it } from "vitest";
import {
  observeRequests,
  type RequestDetails,
  type WebRequestApi,
} from "../../../extension/background/observe-requests.ts";
import type { Header } from "../../../extension/messages/headers.ts";
import type { Sighting } from "../../../extension/messages/sighting.ts";

const NAMES = [
  "onBeforeRequest",
  "onSendHeaders",
  "onHeadersReceived",
  "onBeforeRedirect",
  "onCompleted",
  "onErrorOccurred",
] as const;
type EventName = (typeof NAMES)[number];

interface Registration {
  listener: (details: RequestDetails) => void;
  urls: string[];
  extra: string[] | undefined;
}

/** A fake `webRequest`. Firefox's throws on option names that it does not know, as the real one does. */
function createFakeWebRequest(browser: "chrome" | "firefox") {
  const registered = new Map<EventName, Registration[]>(NAMES.map((name) => [name, []]));
  const api = Object.fromEntries(
    NAMES.map((name) => [
      name,
      {
        addListener(listener: Registration["listener"], { urls }: { urls: string[] }, extra?: string[]) {
          if (browser === "firefox" && extra?.includes("extraHeaders")) throw new Error("extraHeaders");
          registered.get(name)?.push({ listener, urls, extra });
        },
        removeListener(listener: Registration["listener"]) {
          const rest = registered.get(name)?.filter((one) => one.listener !== listener) ?? [];
          registered.set(name, rest);
        },
      },
    ]),
  );
  const words = browser === "chrome" ? { OnSendHeadersOptions: { EXTRA_HEADERS: "extraHeaders" } } : {};
  const fire = (name: EventName, more: Partial<RequestDetails> = {}) => {
    const details: RequestDetails = {
      requestId: "7",
      tabId: 1,
      timeStamp: 100,
      method: "GET",
      url: "http://app.test/",
      type: "main_frame",
      ...more,
    };
    for (const { listener } of registered.get(name) ?? []) listener(details);
  };
  return { api: { ...api, ...words } as unknown as WebRequestApi, registered, fire }; // created by name above
}

function observe(browser: "chrome" | "firefox" = "chrome") {
  const seen: { tabId: number; sighting: Sighting }[] = [];
  const fake = createFakeWebRequest(browser);
  const observer = observeRequests(
    fake.api,
    (tabId, sighting) => seen.push({ tabId, sighting }),
    () => 5,
  );
  observer.start();
  const last = () => seen.at(-1)?.sighting;
  return { ...fake, observer, seen, last };
}

describe("the background's listeners", () => {
  it("ask Chrome for cookies with `extraHeaders`, at every event that has headers", () => {
    const { registered } = observe("chrome");
    const extras = NAMES.map((name) => registered.get(name)?.[0]?.extra?.includes("extraHeaders") ?? false);
    expect(extras).toEqual([false, true, true, true, true, false]);
  });

  it("do not pass that option to Firefox, which refuses it", () => {
    const { registered } = observe("firefox");
    expect(registered.get("onSendHeaders")?.[0]?.extra).toEqual(["requestHeaders"]);
  });

  it("leave out requests that belong to no tab", () => {
    const { fire, seen } = observe();
    fire("onBeforeRequest", { tabId: -1 });
    expect(seen).toEqual([]);
  });

  it("register again only for a new filter, once each", () => {
    const { observer, registered } = observe();
    const urls = () => registered.get("onCompleted")?.map((one) => one.urls.join());
    const first = urls();
    observer.renew();
    const second = urls();
    expect(second).toHaveLength(1);
    expect(second).not.toEqual(first);
  });

  it("are all removed when they stop", () => {
    const { observer, registered } = observe();
    observer.stop();
    expect([...registered.values()].flat()).toEqual([]);
  });
});

describe("a sighting", () => {
  const set = (value: string): Header => ({ name: "Set-Cookie", value });

  it("has the names of the cookies sent, in order, and no value", () => {
    const { fire, last } = observe();
    fire("onSendHeaders", { requestHeaders: [{ name: "cookie", value: "b=secret; a=x=y; canary; a=2" }] });
    expect(last()?.sentCookies).toEqual(["b", "a", "", "a"]);
    expect(JSON.stringify(last())).not.toMatch(/secret|canary/);
  });

  it("calls a WebSocket by that name, not by the method that opens it", () => {
    const { fire, last } = observe();
    fire("onBeforeRequest", { type: "websocket", url: "ws://app.test/live" });
    expect(last()?.method).toBe("WS");
    fire("onBeforeRequest", { type: "xmlhttprequest" });
    expect(last()?.method).toBe("GET");
  });

  it('distinguishes "no cookies sent" from "not known"', () => {
    const { fire, last } = observe();
    fire("onSendHeaders", { requestHeaders: [] });
    expect(last()?.sentCookies).toEqual([]);
    fire("onBeforeRequest");
    expect(last()?.sentCookies).toBeNull();
  });

  it("reports that Clear-Site-Data names cookies, at the event that has the header", () => {
    const { fire, last } = observe();
    fire("onHeadersReceived", { responseHeaders: [{ name: "clear-site-data", value: '"cookies"' }] });
    expect(last()?.clearsCookies).toBe(true);
    fire("onHeadersReceived", { responseHeaders: [{ name: "Clear-Site-Data", value: '"cache"' }] });
    expect(last()?.clearsCookies).toBeUndefined();
  });

  it("has one line for each Set-Cookie, even though Firefox joins them", () => {
    const { fire, last } = observe();
    const lines = ["a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT", "b=2"];
    fire("onHeadersReceived", { responseHeaders: lines.map(set) });
    expect(last()?.setCookies).toEqual(lines);
    fire("onHeadersReceived", { responseHeaders: [set(lines.join("\n"))] });
    expect(last()?.setCookies).toEqual(lines);
  });

  it("has the trace id of a Session-Trace header in upper or lower case, and none of another form", () => {
    const { fire, last } = observe();
    const id = "A".repeat(22);
    fire("onCompleted", { responseHeaders: [{ name: "session-trace", value: `v=1;id=${id}` }] });
    expect(last()?.traceId).toBe(id);
    fire("onCompleted", { responseHeaders: [{ name: "session-trace", value: "v=1;id=<script>" }] });
    expect(last()?.traceId).toBeNull();
  });

  it("reports a failure in the browser's words", () => {
    const { fire, last } = observe();
    fire("onErrorOccurred", { error: "net::ERR_ABORTED" });
    expect(last()).toMatchObject({ phase: "failed", error: "net::ERR_ABORTED", status: null });
  });
});
