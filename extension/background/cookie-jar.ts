/**
 * Lists, sets and deletes the cookies that one tab's frames have; no cookie of another jar is touched.
 *
 * Every write reads back its result. Nothing is deleted before its replacement was seen in the jar.
 */
import type { EpochMs } from "session-bridge/protocol";
import type { CookieWriteResult, TabCookie } from "../messages/tab-cookie.ts";
import { recogniseChunks } from "./recognise-chunks.ts";
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
  /** Valid cookies of these hosts in the tab's store, including partitions of the tab's own site. */
  list(tabId: number, hosts: string[]): Promise<TabCookie[]>;
  /** Sets and reads back; only then deletes `replaces`, and removes the new one if it cannot. */
  write(tabId: number, cookie: TabCookie, replaces: TabCookie | null): Promise<CookieWriteResult>;
  /** Restores what was there before, even if its form is one that this browser merely tolerates. */
  restore(tabId: number, cookie: TabCookie): Promise<CookieWriteResult>;
  /** Deletes exactly this one. False if it is still there afterwards. */
  remove(tabId: number, cookie: TabCookie): Promise<boolean>;
}

/** @param now the clock that decides whether cookies have expired */
export function createCookieJar(api: CookiesApi, now: () => EpochMs): CookieJar {
  async function readStore(tabId: number, sites: readonly string[]): Promise<TabCookie[]> {
    const found = await readCookies(api, tabId, sites);
    return recogniseChunks(found.map(toTabCookie).filter((cookie) => isAlive(cookie, now())));
  }

  async function find(tabId: number, { partitionKey }: TabCookie, id: string): Promise<TabCookie | null> {
    const sites = partitionKey?.topLevelSite ? [partitionKey.topLevelSite] : [];
    return (await readStore(tabId, sites)).find((cookie) => cookie.id === id) ?? null;
  }

  /**
   * Firefox reports that a frame on `app.localhost` inside `localhost` has no cross-site ancestor, but only accepts that cookie
   * if this is left for Firefox to determine.
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
      `[cookies] ${cookie.name}: it belongs to store ${cookie.storeId}, and the tab to ${storeId}. Open DevTools there.`,
    );
  }

  async function remove(tabId: number, cookie: TabCookie): Promise<boolean> {
    await refuseOtherStore(tabId, cookie);
    await set(toDeleteDetails(cookie)).catch(() => null); // what counts is what the jar contains now
    return (await find(tabId, cookie, toCookieId(cookie))) === null;
  }

  /** Sets and reads back. If the stored cookie is not as requested, the previous one with the same key is restored. */
  async function put(tabId: number, cookie: TabCookie): Promise<CookieWriteResult> {
    await refuseOtherStore(tabId, cookie);
    const id = toCookieId(cookie);
    const old = await find(tabId, cookie, id).catch((error: unknown) => ({ unread: toReason(error) }));
    // A cookie that may be there but cannot be read could not be restored.
    if (old !== null && "unread" in old) return { ok: false, reason: old.unread, restored: true };
    const refusal = await set(toSetDetails(cookie)).then(() => null, toReason);
    const stored = await find(tabId, cookie, id);
    const difference = stored === null ? "it is not there afterwards" : findDifference(cookie, stored);
    if (stored !== null && difference === null) return { ok: true, cookie: stored };
    if (old !== null) await set(toSetDetails(old)).catch(() => null); // checked below
    if (old === null && stored !== null) await remove(tabId, stored);
    const restored = old === null || (await find(tabId, cookie, id))?.value === old.value;
    return { ok: false, reason: refusal ?? `The browser accepted the cookie, but ${difference}.`, restored };
  }

  return {
    async list(tabId, hosts) {
      const sites = hosts.slice(0, 1).flatMap((host) => [`http://${host}`, `https://${host}`]);
      return (await readStore(tabId, sites)).filter((cookie) => belongsTo(cookie, hosts));
    },

    async write(tabId, given, replaces) {
      // Without a store: one that comes from a file, for whichever jar the tab has.
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
 * The cookies of a tab's store, including those in the partitions of these sites.
 *
 * Chrome crashes when it is asked for every partition while some page has a `credentialless` frame with a cookie (measured in
 * 156): that frame's partition has no name. So each site is requested separately there; any page's address represents it.
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

/** The cookie store of a tab: Firefox identifies it by the tab (containers, private windows), Chrome by the store. */
async function findStore(api: CookiesApi, tabId: number): Promise<{ storeId: string; isFirefox: boolean }> {
  const tab = await api.getTab(tabId);
  if (tab.cookieStoreId !== undefined) return { storeId: tab.cookieStoreId, isFirefox: true };
  const stores = await api.getAllCookieStores();
  const store = stores.find(({ tabIds }) => tabIds.includes(tabId));
  if (store) return { storeId: store.id, isFirefox: false };
  throw new Error(`[cookies] Tab ${tabId} has no cookie store that the extension may see. Reopen DevTools.`);
}

/** What the browser changed in the cookie, as half a sentence. The 400-day cap on expiry is not a refusal. */
function findDifference(wanted: TabCookie, stored: TabCookie): string | null {
  if (wanted.value !== stored.value) return "its value is different";
  if (wanted.secure !== stored.secure) return "Secure is not as requested";
  if (wanted.httpOnly !== stored.httpOnly) return "HttpOnly is not as requested";
  if (wanted.sameSite !== stored.sameSite) return `SameSite is ${stored.sameSite}`;
  if ((wanted.expiresAt === null) !== (stored.expiresAt === null)) return "its expiry is not as requested";
  return null;
}

function toReason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  let end = text.length;
  while (end > 0 && ". \n\r\t".includes(text.charAt(end - 1))) end -= 1;
  return `The browser refused it: ${text.slice(0, end)}.`;
}
