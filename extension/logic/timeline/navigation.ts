/** Where in the timeline a page starts: at its document's request, including the redirects that led to it. */
import type { EpochMs } from "session-bridge/protocol";
import type { Entry, RequestEntry } from "./entry.ts";

/** A page's document, and the first of the redirects that led to it. */
interface PageStart {
  start: EpochMs;
  document: EpochMs;
}

/**
 * The time at which the page at `url` began, or null if its document is not in the list.
 *
 * A login form's POST that redirects belongs to the page it leads to, so it is not cleared with the previous page.
 */
export function startOfPage(entries: readonly Entry[], url: string): number | null {
  return findPage(entries, url)?.start ?? null;
}

/**
 * The same, with the time of the document itself.
 *
 * @param after only documents later than this count: those of earlier pages are known
 */
export function findPage(
  entries: readonly Entry[],
  url: string,
  after: EpochMs = Number.NEGATIVE_INFINITY,
): PageStart | null {
  const documents = entries.filter(isDocument);
  const last = documents.findLastIndex((entry) => isSameDocument(entry.request.url, url) && entry.at > after);
  const document = documents[last];
  if (document === undefined) return null;
  let first = last;
  while (first > 0 && isRedirect(documents[first - 1])) first -= 1;
  return { start: documents[first]?.at ?? document.at, document: document.at };
}

/** True for two addresses that differ only in their `#` part. */
export function isSameDocument(one: string, other: string): boolean {
  return withoutHash(one) === withoutHash(other);
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
