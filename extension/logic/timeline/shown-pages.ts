/** Which page the tab showed when: by its own origin, as the browser reported each navigation. */
import type { EpochMs } from "session-bridge/protocol";
import type { Entry } from "./entry.ts";

interface ShownPages {
  /**
   * The tab has shown a page of this origin since then; null for a page without an origin. Returns the time from which it counts,
   * or null if that was known already. `began`: when the page began; earlier rows belong to another page.
   */
  show(origin: string | null, since: EpochMs, began?: boolean): EpochMs | null;
  /** The entry with its page, by its place in time and not by when it arrived; unchanged if no page is known. */
  place(entry: Entry): Entry;
}

/** How many changes of the page's origin are remembered; for rows before them the page is not known. */
const MAX_PAGES = 1000;

const FIRST: EpochMs = Number.NEGATIVE_INFINITY;

/** None yet. The first page that is reported also counts for everything before it, unless the time when it began is known. */
export function createShownPages(): ShownPages {
  const pages: { origin: string | null; since: EpochMs }[] = [];
  return {
    show(origin, since, began = false) {
      const last = pages.at(-1);
      if (last?.origin === origin) return null;
      const page = {
        origin,
        since: last === undefined && !began ? FIRST : Math.max(since, last?.since ?? FIRST),
      };
      pages.push(page);
      if (pages.length > MAX_PAGES) pages.shift();
      return page.since;
    },
    place(entry) {
      const page = pages.findLast(({ since }) => since <= entry.at)?.origin ?? null;
      return entry.type === "note" || page === null ? entry : { ...entry, page };
    },
  };
}
