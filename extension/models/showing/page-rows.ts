/** Which rows belong to which page: notes each navigation, and drops the previous page if the log is not preserved. */
import { webOrigin } from "../../logic/origins.ts";
import type { createLedger } from "../../logic/timeline/ledger.ts";
import type { NetworkRequest } from "../../messages/network-request.ts";
import type { ClockPort } from "../../ports/ports.ts";
import { createShownPage, type Gone } from "./shown-page.ts";

/** What the timeline needs to know of pages, and the requests that may be their documents. */
interface PageRows {
  take(request: NetworkRequest): void;
  /** What the recorder saw before is known: it shows when the page that was found began. */
  historyCame(): void;
  navigate(url: string, at: number, preserve: boolean): void;
  showsPage(url: string): void;
}

/** @param changed called when rows have changed in other ways than by `take` */
export function createPageRows(
  ledger: ReturnType<typeof createLedger>,
  clock: ClockPort,
  changed: () => void,
): PageRows {
  const page = createShownPage(ledger.peek);
  /** The preference at the last navigation. */
  let preserved = true;
  let hasHistory = false;
  let found: string | null = null;

  function placeFound(): void {
    if (found === null || !hasHistory) return;
    const start = page.found(found);
    ledger.page(webOrigin(found), start ?? clock.now(), start !== null);
    found = null;
    changed();
  }

  function went(url: string, { noteAt, start }: Gone): void {
    // Without its document it is not known which rows are the page's: all stay. Pages other than web pages have none.
    const from = webOrigin(url) === null ? noteAt : start;
    if (!preserved && from !== null) ledger.remove((entry) => entry.at < from);
    const since = start ?? noteAt;
    if (since !== null) ledger.page(webOrigin(url), since);
    if (noteAt !== null) ledger.note(noteAt, { kind: "navigation", url });
    changed();
  }

  return {
    take(request) {
      ledger.request(request);
      const late = request.type === "document" ? page.requested() : null;
      if (late !== null) went(late.url, late);
    },
    historyCame() {
      hasHistory = true;
      placeFound();
    },
    navigate(url, at, preserve) {
      preserved = preserve;
      found = null;
      went(url, page.navigated(url, at));
    },
    showsPage(url) {
      found = url;
      placeFound();
    },
  };
}
