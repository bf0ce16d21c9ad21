/**
 * The browser's end, simulated for one tab: the cookies that would go, their deletion, and the way back.
 *
 * `sessionStorage` goes as well, but only a page can reach it: the panel does that part.
 */
import type { TabCookie } from "../messages/tab-cookie.ts";
import type { CookieJar } from "./cookie-jar.ts";

/** Cookies of these hosts that end with the browser. */
export async function previewClose(jar: CookieJar, tabId: number, hosts: string[]): Promise<TabCookie[]> {
  return (await jar.list(tabId, hosts)).filter((cookie) => cookie.expiresAt === null);
}

/**
 * Deletes these, each exactly, and gives those that are there in spite of it.
 *
 * The caller names them, and has copies: were this stopped half-way and asked again, a list made here would lack
 * what is gone already, and the undo with it.
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
 * Puts the cookies back as they were; gives those that could not be.
 *
 * Only the time of creation is new, and with it the order among cookies of equal path length.
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
      () => false, // told by the list; the others still have their turn
    );
    if (!restored) failed.push(cookie);
  }
  return failed;
}
