/**
 * A browser close, simulated for one tab: the cookies that would be deleted, their deletion, and their restoration.
 *
 * `sessionStorage` is cleared as well, but only a page can reach it: the panel does that part.
 */
import type { TabCookie } from "../messages/tab-cookie.ts";
import type { CookieJar } from "./cookie-jar.ts";

/** Cookies of these hosts that end when the browser closes. */
export async function previewClose(jar: CookieJar, tabId: number, hosts: string[]): Promise<TabCookie[]> {
  return (await jar.list(tabId, hosts)).filter((cookie) => cookie.expiresAt === null);
}

/**
 * Deletes these, each exactly, and returns those that are still there.
 *
 * The caller names them, and has copies: if this were stopped halfway and called again, a list made here would lack what is
 * already gone, and so would the undo.
 */
export async function closeCookies(
  jar: CookieJar,
  tabId: number,
  cookies: TabCookie[],
): Promise<TabCookie[]> {
  const left: TabCookie[] = [];
  for (const cookie of cookies) if (!(await jar.remove(tabId, cookie))) left.push(cookie);
  return left;
}

/**
 * Restores the cookies as they were; returns those that could not be restored.
 *
 * Only the creation time is new, and with it the order among cookies of equal path length.
 */
export async function restoreCookies(
  jar: CookieJar,
  tabId: number,
  cookies: TabCookie[],
): Promise<TabCookie[]> {
  const failed: TabCookie[] = [];
  for (const cookie of cookies) {
    const restored = await jar.restore(tabId, cookie).then(
      ({ ok }) => ok,
      () => false, // reported in the list; the others still get their turn
    );
    if (!restored) failed.push(cookie);
  }
  return failed;
}
