/** The hosts whose cookies the browser lists: only there is it known that a cookie is not held. */
import type { CookieList } from "../messages/tab-cookie.ts";

/** True for a host whose cookies are listed: one of the tab's, which the extension may read. */
export function isReadable(list: CookieList | null, origin: string | null): boolean {
  const host = hostOf(origin);
  if (list === null || host === null) return false;
  return list.hosts.includes(host) && !list.denied.some((each) => hostOf(each) === host);
}

function hostOf(origin: string | null): string | null {
  return origin !== null && URL.canParse(origin) ? new URL(origin).hostname : null;
}
