/** Which page the tab showed when: by its own origin, as the browser told each navigation. */
import type { EpochMs } from "session-bridge/protocol";
import type { Entry } from "./entry.ts";

interface ShownPages {
  /**
   * The tab shows a page of this origin since then; null for a page that has none. Gives the moment from which it counts, or null
   * when that was known already. `began`: the page began then; what was before is another's.
   */
  show(origin: string | null, since: EpochMs, began?: boolean): EpochMs | null;
  /** The entry with its page, by where it stands in time and not by when it came; as it is where no page is known. */
  place(entry: Entry): Entry;
}

/** So many changes of the page's origin are known; of rows before them it is not known. */
const MAX_PAGES = 1000;

const FIRST: EpochMs = Number.NEGATIVE_INFINITY;

/** None yet. The first page that is told counts for everything before it, too, unless it is known when it began. */
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
