/** The address of a tab's page, by the browser's own word: what a page says of itself is believed nowhere. */

/** The call of `browser.tabs` that this needs. The browser tells `url` where the extension has access to the host. */
export interface TabsApi {
  get(tabId: number): Promise<{ url?: string | undefined }>;
}

/** The address; null where the extension may not look, for empty pages, and for a tab that is gone. */
export async function readPageAddress(tabs: TabsApi, tabId: number): Promise<string | null> {
  const tab = await tabs.get(tabId).catch(() => null);
  const url = tab?.url ?? "";
  return url === "" || url.startsWith("about:") ? null : url;
}
