/** When the open page began, as far as is known: the requests from then on are its own. */
import type { EpochMs } from "session-bridge/protocol";
import type { createEarnedOrigins } from "./earned-origins.ts";
import type { Move } from "./page-address.ts";

interface PageStarts {
  /** Another page is open. */
  moved(move: Move): void;
  /** The tab's history shows when the page at this address began, which was open before the panel was. */
  found(url: string, at: EpochMs): void;
}

/** @param startOfPage when the page at this address began; null if its document was not seen */
export function createPageStarts(
  startOfPage: (url: string) => EpochMs | null,
  earned: ReturnType<typeof createEarnedOrigins>,
): PageStarts {
  /** When the open page was found; null before any was. */
  let openedAt: EpochMs | null = null;

  /** Treats the page as begun at its document's request; the request of an earlier visit does not count. */
  const begin = ({ from, url, at }: Pick<Move, "from" | "url" | "at">): void => {
    const found = startOfPage(url);
    const start = found !== null && found >= (openedAt ?? 0) ? found : null;
    earned.begin({ start: start ?? (openedAt === null ? 0 : at), left: from, leftAt: at });
    openedAt = at;
  };

  return {
    moved: begin,
    found(url, at) {
      openedAt = null;
      begin({ from: null, url, at });
    },
  };
}
