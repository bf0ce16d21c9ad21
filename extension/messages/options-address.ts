/** The options page's address, in which the panel says what it wants: `/options.html#origin=…&tab=…`. */

/** What the options page was opened for; both null when the user opened it. */
interface OptionsWish {
  /** The origin that the panel wants to read. */
  origin: string | null;
  /** The tab to go back to. */
  tabId: number | null;
}

/** Path and fragment that ask for `origin` and lead back to the tab. */
export function toOptionsPath(origin: string, tabId: number): string {
  return `/options.html#${new URLSearchParams({ origin, tab: `${tabId}` })}`;
}

/** What the page's `location.hash` asks for. The origin is not checked. */
export function readOptionsHash(hash: string): OptionsWish {
  const asked = new URLSearchParams(hash.replace(/^#/, ""));
  const tabId = Number(asked.get("tab") ?? Number.NaN);
  return { origin: asked.get("origin"), tabId: Number.isInteger(tabId) ? tabId : null };
}
