/**
 * Which page is shown, derived from the browser's report of each navigation: a new page, another address of the same document, or
 * the same navigation reported again.
 *
 * Chrome also reports `pushState` and a new `#` part, and it reports a page from its back/forward cache twice (measured in 156).
 * Firefox only reports documents. The document's request tells them apart: a page from that cache and `pushState` have none. It
 * may be reported after the navigation.
 */
import type { EpochMs } from "session-bridge/protocol";
import type { Entry } from "../../logic/timeline/entry.ts";
import { findPage, isSameDocument } from "../../logic/timeline/navigation.ts";

/** What a navigation turns out to be. */
export interface Gone {
  /** When it was reported; null for one that has already been noted, or that went nowhere. */
  noteAt: EpochMs | null;
  /** The page's first request, from which rows belong to the page; null if no document was seen. */
  start: EpochMs | null;
}

/** The page that is shown, and the navigation whose document may still be reported. */
interface ShownPage {
  /**
   * The tab was found to show it. Returns its first request among those that belong to no page yet; null if that was not seen.
   */
  found(url: string): EpochMs | null;
  /** The browser reports that the tab went there. */
  navigated(url: string, at: EpochMs): Gone;
  /** More requests are known: returns what was not known when the last navigation was reported, or null. */
  requested(): (Gone & { url: string }) | null;
}

/** @param entries the rows at that time */
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
