/**
 * List, set and delete the cookies that one tab's frames have; no cookie of another jar is touched.
 *
 * Every write reads back what came of it. Nothing is deleted before its successor was seen in the jar.
 */
import type { EpochMs } from "session-bridge/protocol";
import type { CookieWriteResult, TabCookie } from "../messages/tab-cookie.ts";
import { findRefusal } from "./refusals.ts";
import {
  type BrowserCookie,
  belongsTo,
  isAlive,
  type SetDetails,
  toCookieId,
  toDeleteDetails,
  toSetDetails,
  toTabCookie,
} from "./to-tab-cookie.ts";

/** The calls of `browser.cookies` and `browser.tabs` that this needs. */
export interface CookiesApi {
  getAll(details: { storeId: string; partitionKey?: { topLevelSite?: string } }): Promise<BrowserCookie[]>;
  set(details: SetDetails): Promise<unknown>;
  getAllCookieStores(): Promise<{ id: string; tabIds: number[] }[]>;
  getTab(tabId: number): Promise<{ cookieStoreId?: string }>;
}

export interface CookieJar {
  /** Living cookies of these hosts in the tab's store, partitions of the tab's own site included. */
  list(tabId: number, hosts: string[]): Promise<TabCookie[]>;
  /** Sets and reads back; deletes `replaces` only after that, and undoes the new one when it cannot. */
  write(tabId: number, cookie: TabCookie, replaces: TabCookie | null): Promise<CookieWriteResult>;
  /** Puts back what was there once, even where its form is one that this browser merely tolerates. */
  restore(tabId: number, cookie: TabCookie): Promise<CookieWriteResult>;
  /** Deletes exactly this one. False when it is there afterwards. */
  remove(tabId: number, cookie: TabCookie): Promise<boolean>;
}

/** @param now the clock by which cookies are alive or not */
export function createCookieJar(api: CookiesApi, now: () => EpochMs): CookieJar {
  async function readStore(tabId: number, sites: readonly string[]): Promise<TabCookie[]> {
    const found = await readCookies(api, tabId, sites);
    return found.map(toTabCookie).filter((cookie) => isAlive(cookie, now()));
  }

  async function find(tabId: number, { partitionKey }: TabCookie, id: string): Promise<TabCookie | null> {
    const sites = partitionKey?.topLevelSite ? [partitionKey.topLevelSite] : [];
    return (await readStore(tabId, sites)).find((cookie) => cookie.id === id) ?? null;
  }

  /**
   * Firefox says of a frame on `app.localhost` inside `localhost` that it has no cross-site ancestor, yet takes
   * that cookie only when this is left for Firefox to find out.
   */
  async function set(details: SetDetails): Promise<unknown> {
    const topLevelSite = details.partitionKey?.topLevelSite;
    return api.set(details).catch((error: unknown) => {
      if (topLevelSite === undefined || !/partitionKey/.test(String(error))) throw error;
      return api.set({ ...details, partitionKey: { topLevelSite } });
    });
  }

  async function refuseOtherStore(tabId: number, cookie: TabCookie): Promise<void> {
    const { storeId } = await findStore(api, tabId);
    if (cookie.storeId === storeId) return;
    throw new Error(
      `[cookies] ${cookie.name}: it is of store ${cookie.storeId}, the tab of ${storeId}. Open DevTools there.`,
    );
  }

  async function remove(tabId: number, cookie: TabCookie): Promise<boolean> {
    await refuseOtherStore(tabId, cookie);
    await set(toDeleteDetails(cookie)).catch(() => null); // what counts is what the jar holds now
    return (await find(tabId, cookie, toCookieId(cookie))) === null;
  }

  /** Sets and reads back. When what is stored is unfit, the one of the same key that was there comes back. */
  async function put(tabId: number, cookie: TabCookie): Promise<CookieWriteResult> {
    await refuseOtherStore(tabId, cookie);
    const id = toCookieId(cookie);
    const old = await find(tabId, cookie, id).catch((error: unknown) => ({ unread: toReason(error) }));
    // What may be there and cannot be read could not be put back.
    if (old !== null && "unread" in old) return { ok: false, reason: old.unread, restored: true };
    const refusal = await set(toSetDetails(cookie)).then(() => null, toReason);
    const stored = await find(tabId, cookie, id);
    const difference = stored === null ? "it is not there afterwards" : findDifference(cookie, stored);
    if (stored !== null && difference === null) return { ok: true, cookie: stored };
    if (old !== null) await set(toSetDetails(old)).catch(() => null); // looked at below
    if (old === null && stored !== null) await remove(tabId, stored);
    const restored = old === null || (await find(tabId, cookie, id))?.value === old.value;
    return { ok: false, reason: refusal ?? `The browser took the cookie, but ${difference}.`, restored };
  }

  return {
    async list(tabId, hosts) {
      const sites = hosts.slice(0, 1).flatMap((host) => [`http://${host}`, `https://${host}`]);
      return (await readStore(tabId, sites)).filter((cookie) => belongsTo(cookie, hosts));
    },

    async write(tabId, given, replaces) {
      // Without a store: one that comes from a file, for whatever jar the tab has.
      const storeId = given.storeId === "" ? (await findStore(api, tabId)).storeId : given.storeId;
      const cookie = { ...given, storeId };
      const refusal = findRefusal(cookie, now());
      if (refusal !== null) return { ok: false, reason: refusal, restored: true };
      const written = await put(tabId, cookie);
      if (!written.ok || replaces === null || toCookieId(replaces) === written.cookie.id) return written;
      if (await remove(tabId, replaces)) return written;
      const restored = await remove(tabId, written.cookie);
      return { ok: false, reason: "The browser keeps the old cookie; it cannot be replaced.", restored };
    },

    restore: put,
    remove,
  };
}

/**
 * The cookies of a tab's store, those in the partitions of these sites included.
 *
 * Chrome as a whole ends at once when it is asked for every partition and some page has a `credentialless` frame with a cookie
 * (measured in 156): that frame's partition has no name. So there each site is asked for; any page's address stands for one.
 */
async function readCookies(
  api: CookiesApi,
  tabId: number,
  sites: readonly string[],
): Promise<BrowserCookie[]> {
  const { storeId, isFirefox } = await findStore(api, tabId);
  if (isFirefox) return api.getAll({ storeId, partitionKey: {} });
  const parts = sites.map((topLevelSite) => api.getAll({ storeId, partitionKey: { topLevelSite } }));
  return (await Promise.all([api.getAll({ storeId }), ...parts])).flat();
}

/** The cookie store of a tab: Firefox tells by the tab (containers, private windows), Chrome by the store. */
async function findStore(api: CookiesApi, tabId: number): Promise<{ storeId: string; isFirefox: boolean }> {
  const tab = await api.getTab(tabId);
  if (tab.cookieStoreId !== undefined) return { storeId: tab.cookieStoreId, isFirefox: true };
  const stores = await api.getAllCookieStores();
  const store = stores.find(({ tabIds }) => tabIds.includes(tabId));
  if (store) return { storeId: store.id, isFirefox: false };
  throw new Error(`[cookies] Tab ${tabId} has no cookie store that the extension may see. Reopen DevTools.`);
}

/** What the browser changed of the cookie, as half a sentence. The 400-day cap on expiry is no refusal. */
function findDifference(wanted: TabCookie, stored: TabCookie): string | null {
  if (wanted.value !== stored.value) return "its value is another one";
  if (wanted.secure !== stored.secure) return "Secure is not as asked";
  if (wanted.httpOnly !== stored.httpOnly) return "HttpOnly is not as asked";
  if (wanted.sameSite !== stored.sameSite) return `SameSite is ${stored.sameSite}`;
  if ((wanted.expiresAt === null) !== (stored.expiresAt === null)) return "its expiry is not as asked";
  return null;
}

function toReason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  let end = text.length;
  while (end > 0 && ". \n\r\t".includes(text.charAt(end - 1))) end -= 1;
  return `The browser refused it: ${text.slice(0, end)}.`;
}
