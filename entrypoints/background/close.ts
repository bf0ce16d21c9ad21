/**
 * The browser's end, simulated for one tab: the cookies that would go, their deletion, and the way back.
 *
 * `sessionStorage` goes as well, but only a page can reach it: the panel does that part.
 */
import type { TabCookie } from "../panel/ports/ports.ts";
import type { CookieJar } from "./cookies.ts";

/** What went, as deep copies for `restore`, and what is there in spite of it. */
export interface ClosedCookies {
  cookies: TabCookie[];
  left: TabCookie[];
}

/** Cookies of these hosts that end with the browser. */
export async function previewClose(jar: CookieJar, tabId: number, hosts: string[]): Promise<TabCookie[]> {
  return (await jar.list(tabId, hosts)).filter((cookie) => cookie.expiresAt === null);
}

/** Deletes them, each exactly. One that resists is reported, and the rest still go. */
export async function closeCookies(jar: CookieJar, tabId: number, hosts: string[]): Promise<ClosedCookies> {
  const closed: ClosedCookies = { cookies: [], left: [] };
  for (const cookie of await previewClose(jar, tabId, hosts)) {
    const gone = await jar.remove(tabId, cookie);
    (gone ? closed.cookies : closed.left).push(cookie);
  }
  return closed;
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
    const result = await jar.restore(tabId, cookie);
    if (!result.ok) failed.push(cookie);
  }
  return failed;
}
