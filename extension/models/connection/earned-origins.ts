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
  /** The origin's last request that was answered with a trace; null if the open page did not earn the origin. */
  latest(origin: string): NetworkRequest | null;
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
  const latest = new Map<string, NetworkRequest>();
  let page: PageStart = { start: 0, left: null, leftAt: 0 };
  const startFor = (origin: string): EpochMs => (origin === page.left ? page.leftAt : page.start);

  return {
    note(origin, request) {
      const { at, url } = request;
      if (at < startFor(origin)) return false;
      if (at >= (latest.get(origin)?.at ?? 0)) latest.set(origin, request);
      const path = new URL(url).pathname;
      const paths = earned.get(origin) ?? new Map<string, EpochMs>();
      const known = paths.has(path);
      paths.set(path, Math.max(at, paths.get(path) ?? 0));
      earned.set(origin, paths);
      dropOldest(paths, MAX_PATHS);
      dropOldest(earned, MAX_ORIGINS);
      dropOldest(latest, MAX_ORIGINS);
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
    latest(origin) {
      const request = latest.get(origin);
      return request !== undefined && request.at >= startFor(origin) ? request : null;
    },
    paths: (origin) => [...(earned.get(origin)?.keys() ?? [])],
    all: () => [...earned.keys()],
  };
}

function dropOldest<K, V>(map: Map<K, V>, most: number): void {
  const [oldest] = map.keys();
  if (map.size > most && oldest !== undefined) map.delete(oldest);
}
