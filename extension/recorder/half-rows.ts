/** Rows that only one of the two witnesses has reported so far: the other's report finds its row here. */
import type { EpochMs } from "session-bridge/protocol";
import type { NetworkRequest } from "../messages/network-request.ts";
import type { FromCache } from "./merge-witnesses.ts";

/** A request of the history, and which witnesses reported it. */
export interface Row {
  /** As they report it, including what a cached response carries along: `withoutKept` is what others receive. */
  request: NetworkRequest;
  /** What `webRequest` reports. */
  seenFromCache: FromCache;
  /** What the devtools' log reports, which is final; null while it reports nothing. */
  loggedFromCache: boolean | null;
  /** `webRequest`'s id, once it has reported this row. */
  requestId: string | null;
  /** True once the devtools' log has reported this row. */
  logged: boolean;
}

/** What identifies a request to both witnesses. */
export interface Identity {
  at: EpochMs;
  /** False: `at` is when it was reported, so any time before that fits. */
  began?: boolean;
  method: string;
  url: string;
}

/** The half rows, by method and address. */
export interface HalfRows {
  add(row: Row): void;
  forget(row: Row): void;
  /** The row nearest in time, of those that fit; undefined if none is near. */
  find(identity: Identity, fits: (row: Row) => boolean): Row | undefined;
  all(): Row[];
}

/** Both witnesses' times for one request differ by less than this; measured under 50 ms, more on a busy machine. */
const SAME_MOMENT_MS = 2_000;

/** No rows yet. */
export function createHalfRows(): HalfRows {
  const halves = new Map<string, Set<Row>>();

  return {
    add(row) {
      const key = toKey(row.request);
      halves.set(key, (halves.get(key) ?? new Set()).add(row));
    },
    forget({ request }) {
      const key = toKey(request);
      const set = halves.get(key);
      for (const row of set ?? []) if (row.request.id === request.id) set?.delete(row);
      if (set?.size === 0) halves.delete(key);
    },
    find(identity, fits) {
      const { at, began = true } = identity;
      const isNear = (row: Row) => !began || Math.abs(row.request.at - at) < SAME_MOMENT_MS;
      const near = [...(halves.get(toKey(identity)) ?? [])].filter((row) => fits(row) && isNear(row));
      return near.sort((a, b) => Math.abs(a.request.at - at) - Math.abs(b.request.at - at))[0];
    },
    all: () => [...halves.values()].flatMap((set) => [...set]),
  };
}

function toKey({ method, url }: Pick<Identity, "method" | "url">): string {
  return `${method} ${url}`;
}
