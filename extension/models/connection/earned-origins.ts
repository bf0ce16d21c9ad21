/** The origins that the open page has earned: each answered one of its requests with a trace, and at which paths. */
import type { EpochMs } from "session-bridge/protocol";
import type { NetworkRequest } from "../../messages/network-request.ts";

/** The origins of one page after another. */
interface EarnedOrigins {
  /** Notes a request that was answered with a trace. True if its origin or path is new. */
  note(origin: string, request: NetworkRequest): boolean;
  /** Another page is open: what it did not earn itself is forgotten. */
  begin(page: PageStart): void;
  /** Whether the open page earned this origin. */
  has(origin: string): boolean;
  /** Paths of the origin that answered with a trace, the latest last. */
  paths(origin: string): readonly string[];
  all(): string[];
}

/** When a page began. */
interface PageStart {
  /** When its document was requested, or when it was found open. */
  start: EpochMs;
  /** Origin of the previous page, whose requests count as its own until `leftAt`. */
  left: string | null;
  leftAt: EpochMs;
}

/** Remembering more origins of a page, or more paths of one, would not help. */
const MAX_ORIGINS = 100;
const MAX_PATHS = 200;

/** None earned yet. */
export function createEarnedOrigins(): EarnedOrigins {
  const earned = new Map<string, Map<string, EpochMs>>();
  let page: PageStart = { start: 0, left: null, leftAt: 0 };
  const startFor = (origin: string): EpochMs => (origin === page.left ? page.leftAt : page.start);

  return {
    note(origin, { at, url }) {
      if (at < startFor(origin)) return false;
      const path = new URL(url).pathname;
      const paths = earned.get(origin) ?? new Map<string, EpochMs>();
      const known = paths.has(path);
      paths.set(path, Math.max(at, paths.get(path) ?? 0));
      earned.set(origin, paths);
      dropOldest(paths, MAX_PATHS);
      dropOldest(earned, MAX_ORIGINS);
      return !known;
    },
    begin(next) {
      page = next;
      for (const [origin, paths] of earned) {
        for (const [path, at] of paths) if (at < startFor(origin)) paths.delete(path);
        if (paths.size === 0) earned.delete(origin);
      }
    },
    has: (origin) => earned.has(origin),
    paths: (origin) => [...(earned.get(origin)?.keys() ?? [])],
    all: () => [...earned.keys()],
  };
}

function dropOldest<K, V>(map: Map<K, V>, most: number): void {
  const [oldest] = map.keys();
  if (map.size > most && oldest !== undefined) map.delete(oldest);
}
