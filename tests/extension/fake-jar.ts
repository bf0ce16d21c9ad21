/**
 * A browser's cookie jar in memory, with the rules that matter to the extension: exact keys, host access, stores,
 * partitions, the 400-day cap; and a fault for any call, before or after it took effect.
 */

import type { CookiesApi } from "../../extension/background/cookie-jar.ts";
import type { BrowserCookie, SetDetails } from "../../extension/background/to-tab-cookie.ts";

export const NOW = 1_800_000_000_000;
const MOST_SECONDS = 400 * 24 * 3600;

export interface FakeJarOptions {
  /** Store of each tab. */
  stores?: Record<number, string>;
  /** Hosts that the extension may not touch. */
  denied?: string[];
  /** Firefox reports a tab's store; Chrome reports a store's tabs. */
  browser?: "chrome" | "firefox";
}

/** Decides for each call, by its number, whether it fails and when. */
export type Fault = (call: number) => "before" | "after" | null;

export interface FakeJar extends CookiesApi {
  put(cookie: Partial<BrowserCookie> & { name: string }): BrowserCookie;
  all(): BrowserCookie[];
  /** Sets the faults from now on and counts calls from 0 again. Returns the number of calls since the last time. */
  breakAt(fault: Fault | null): number;
}

export function createFakeJar({ stores = { 1: "0" }, denied = [], browser = "chrome" }: FakeJarOptions = {}) {
  let cookies: BrowserCookie[] = [];
  let fault: Fault | null = null;
  let calls = 0;

  async function under<T>(effect: () => T): Promise<T> {
    calls += 1;
    const when = fault?.(calls) ?? null;
    if (when === "before") throw new Error("the browser failed before");
    const result = effect();
    if (when === "after") throw new Error("the browser failed after");
    return result;
  }

  function put(cookie: Partial<BrowserCookie> & { name: string }): BrowserCookie {
    const whole = fillBrowserCookie(cookie);
    cookies = [...cookies.filter((other) => toKey(other) !== toKey(whole)), whole];
    return whole;
  }

  function set(details: SetDetails): BrowserCookie | null {
    const url = new URL(details.url);
    if (denied.includes(url.hostname)) throw new Error(`No host permissions for cookies at url: "${url}".`);
    const cookie = toBrowserCookie(details, url);
    const { expirationDate } = details;
    if (expirationDate === undefined || expirationDate * 1000 > NOW) return put(cookie);
    cookies = cookies.filter((other) => toKey(other) !== toKey(cookie));
    return null;
  }

  const jar: FakeJar = {
    getAll: ({ storeId, partitionKey }) =>
      under(() => cookies.filter((cookie) => cookie.storeId === storeId && isAsked(cookie, partitionKey))),
    set: (details) => under(() => set(details)),
    getAllCookieStores: async () =>
      [...new Set(Object.values(stores))].map((id) => ({
        id,
        tabIds: Object.keys(stores)
          .map(Number)
          .filter((tab) => stores[tab] === id),
      })),
    getTab: async (tabId) => (browser === "firefox" ? { cookieStoreId: stores[tabId] ?? "" } : {}),
    put,
    all: () => structuredClone(cookies),
    breakAt(next) {
      const before = calls;
      fault = next;
      calls = 0;
      return before;
    },
  };
  return jar;
}

function fillBrowserCookie(cookie: Partial<BrowserCookie> & { name: string }): BrowserCookie {
  return {
    value: "v",
    domain: "app.test",
    hostOnly: true,
    path: "/",
    secure: false,
    httpOnly: false,
    sameSite: "lax",
    session: cookie.expirationDate === undefined,
    storeId: "0",
    ...cookie,
  };
}

/** The cookie that a browser stores for given details. */
function toBrowserCookie(details: SetDetails, url: URL): BrowserCookie {
  const { name = "", value = "", domain, path = "/", expirationDate, partitionKey, storeId } = details;
  const hostOnly = domain === undefined;
  return {
    name,
    value,
    domain: hostOnly ? url.hostname : `.${domain.replace(/^\./, "")}`,
    hostOnly,
    path,
    secure: details.secure ?? false,
    httpOnly: details.httpOnly ?? false,
    sameSite: details.sameSite ?? "unspecified",
    session: expirationDate === undefined,
    storeId: storeId ?? "0",
    ...(partitionKey && { partitionKey }),
    ...(expirationDate !== undefined && {
      // cut off to whole microseconds, as Chrome does
      expirationDate: Math.min(Math.trunc(expirationDate * 1_000_000) / 1_000_000, NOW / 1000 + MOST_SECONDS),
    }),
  };
}

/** Without a partition key: unpartitioned cookies. `{}`: all. A site, or any address on it: only those in its partitions. */
function isAsked(cookie: BrowserCookie, partition: { topLevelSite?: string } | undefined): boolean {
  if (partition === undefined) return !cookie.partitionKey;
  if (partition.topLevelSite === undefined) return true;
  const site = cookie.partitionKey?.topLevelSite;
  if (site === undefined) return false;
  const [asked, own] = [new URL(partition.topLevelSite), new URL(site)];
  return asked.protocol === own.protocol && `.${asked.hostname}`.endsWith(`.${own.hostname}`);
}

function toKey({ storeId, partitionKey, domain, path, name }: BrowserCookie): string {
  return JSON.stringify([storeId, partitionKey ?? null, domain, path, name]);
}
