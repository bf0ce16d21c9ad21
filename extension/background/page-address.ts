/** The address of a tab's page as the browser reports it: what a page says about itself is never trusted. */

/** The call of `browser.tabs` that this needs. The browser reports `url` if the extension has access to the host. */
export interface TabsApi {
  get(tabId: number): Promise<{ url?: string | undefined }>;
}

/** The address; null if the extension may not see it, for empty pages, and for a tab that is gone. */
export async function readPageAddress(tabs: TabsApi, tabId: number): Promise<string | null> {
  const tab = await tabs.get(tabId).catch(() => null);
  const url = tab?.url ?? "";
  return url === "" || url.startsWith("about:") ? null : url;
}
