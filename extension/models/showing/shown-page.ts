/**
 * Which page is shown, as the browser's word of each navigation is understood: a page that was gone to, another address of the same
 * document, or the same navigation told again.
 *
 * Chrome tells of `pushState` and of another `#` part, too, and of a page that comes back whole (out of its back/forward cache) twice
 * (measured in 156). Firefox tells of documents alone. What tells them apart is the document's request: a page that comes back whole
 * and `pushState` have none. It may be told of after the navigation.
 */
import type { EpochMs } from "session-bridge/protocol";
import type { Entry } from "../../logic/timeline/entry.ts";
import { findPage, isSameDocument } from "../../logic/timeline/navigation.ts";

/** What a navigation is found to be. */
export interface Gone {
  /** When it was told; null for one that is noted already, or that went nowhere. */
  noteAt: EpochMs | null;
  /** The page's first request, from which on rows are the page's; null when no document was seen. */
  start: EpochMs | null;
}

/** The page that is shown, and the navigation whose document may still be told of. */
interface ShownPage {
  /** The tab was found to show it. Gives its first request, of those that belong to no page yet; null when that was not seen. */
  found(url: string): EpochMs | null;
  /** The browser says that the tab went there. */
  navigated(url: string, at: EpochMs): Gone;
  /** More requests are known: says of the last navigation what was not known when it was told, or null. */
  requested(): (Gone & { url: string }) | null;
}

/** @param entries the rows at that moment */
export function createShownPage(entries: () => readonly Entry[]): ShownPage {
  let shown: string | null = null;
  /** When the last document began that is known to have become the page. */
  let documentAt: EpochMs = Number.NEGATIVE_INFINITY;
  let open: { url: string; at: EpochMs; noted: boolean } | null = null;

  return {
    found(url) {
      const page = findPage(entries(), url, documentAt);
      if (shown === null) {
        shown = url;
        documentAt = page?.document ?? documentAt;
      }
      return page?.start ?? null;
    },
    navigated(url, at) {
      const page = findPage(entries(), url, documentAt);
      const same = shown !== null && isSameDocument(shown, url);
      shown = url;
      if (page !== null) {
        documentAt = page.document;
        open = null;
        return { noteAt: at, start: page.start };
      }
      open = { url, at, noted: !same || (open?.noted ?? false) };
      return { noteAt: same ? null : at, start: null };
    },
    requested() {
      if (open === null) return null;
      const { url, at, noted } = open;
      const page = findPage(entries(), url, documentAt);
      if (page === null || page.document > at) return null;
      documentAt = page.document;
      open = null;
      return { url, noteAt: noted ? null : at, start: page.start };
    },
  };
}
