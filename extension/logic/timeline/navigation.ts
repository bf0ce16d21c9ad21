/** Where in the timeline a page starts: at its document's request, the redirects that led to it included. */
import type { Entry, RequestEntry } from "./entry.ts";

/**
 * The moment at which the page at `url` began, or null when its document is not in the list.
 *
 * A login form's POST that redirects belongs to the page it leads to, so it is not cleared with the page before.
 */
export function startOfPage(entries: readonly Entry[], url: string): number | null {
  const documents = entries.filter(isDocument);
  const wanted = withoutHash(url);
  let index = documents.findLastIndex((entry) => withoutHash(entry.request.url) === wanted);
  if (index === -1) return null;
  while (index > 0 && isRedirect(documents[index - 1])) index -= 1;
  return documents[index]?.at ?? null;
}

function isDocument(entry: Entry): entry is RequestEntry {
  return entry.type === "request" && entry.request.type === "document";
}

function isRedirect(entry: RequestEntry | undefined): boolean {
  const status = entry?.request.status ?? 0;
  return status >= 300 && status < 400 && status !== 304;
}

function withoutHash(url: string): string {
  const at = url.indexOf("#");
  return at === -1 ? url : url.slice(0, at);
}
