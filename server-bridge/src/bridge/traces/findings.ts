/**
 * What a developer would want to know about a request, found by comparing facts. Pure: strings and times in, findings
 * out. Only digests, never values, are kept for comparison with later requests.
 */
import { namesSomebody } from "../../protocol/login-keys.ts";
import type { ChangeKind, Finding } from "../../protocol/messages.ts";
import { changesBetween, type Entries } from "./changes.ts";

/** Browsers drop a cookie whose name and value are longer than 4096 bytes (RFC 6265bis, section 5.6). */
const NEAR_4_KIB = 3_584;

/** How a request ended, with its values still available. */
export interface Ending {
  traceId: string;
  /**
   * When loading the session began and when it was stored at the latest, both by one monotonic clock, in milliseconds.
   * The span is as wide as possible, so that a slow store hides no overlap.
   */
  loadedAtMs: number;
  endedAtMs: number;
  /** Key ids. */
  beforeKey: string | null;
  afterKey: string | null;
  before: Entries;
  after: Entries;
  /** What the handler left and the library did not store; null if it was stored. */
  unsaved: Entries | null;
  /** A value inside the session was changed without a sign that the library sees. Absent: the status is the reason. */
  unsavedWhy?: "unmarked";
  /** The code that last read each key; absent: not known. */
  readers?: ReadonlyMap<string, string>;
  changes: readonly { key: string; kind: ChangeKind }[];
  /**
   * Both strings are the same. They may differ even without changes, because a session that is too long is not parsed.
   */
  isSame: boolean;
  /** The session was deleted from its key: flushed, or moved to another key. */
  gone: boolean;
  /** The store was written to. */
  saved: boolean;
  /** A setting (`saveEveryRequest`) caused the write, not the handler. */
  savedByPolicy: boolean;
  /** The library lost a race, noticed it, and merged both changes; paths of what it could not merge are in `conflictKeys`. */
  merged: boolean;
  conflictKeys: readonly string[];
  /** Length of the cookie that carries the whole session; null if the session is in a store. */
  carriedBytes: number | null;
  /** True if the library splits such a cookie before it is too long. */
  splits: boolean;
  /** How many more cookies of the request are sessions. */
  otherSessions: number;
}

/** What is kept of a request for comparison with later ones. */
export interface Recent {
  traceId: string;
  keyId: string;
  endedAtMs: number;
  /** The session was deleted, or moved to another key. */
  gone: boolean;
  /** Digests of the values before and after, for each changed key; null for an absent value. */
  changed: ReadonlyMap<string, { before: string | null; after: string | null }>;
}

/** All findings about a request, given the requests that ended before it, in that order. */
export function findingsOf(
  ending: Ending,
  recent: readonly Recent[],
  digest: (value: string) => string,
): Finding[] {
  const overlapping = overlappingOf(ending, recent);
  return [
    ...(ending.unsavedWhy === "unmarked" ? unmarkedChange(ending) : unsavedChange(ending)),
    ...needlessSave(ending),
    ...loginWithoutNewKey(ending),
    ...nearLimit(ending),
    ...(ending.conflictKeys.length > 0
      ? [
          {
            code: "key-conflict" as const,
            keys: [...ending.conflictKeys],
            traces: overlapping.map((one) => one.traceId),
          },
        ]
      : []),
    ...lostUpdate(ending, overlapping, digest),
    ...resurrected(ending, overlapping),
    ...(ending.otherSessions > 0 ? [{ code: "two-sessions" as const }] : []),
  ];
}

/** Requests with the same session that ended after this one began to load it, and stored it before this one did. */
function overlappingOf({ traceId, beforeKey, loadedAtMs, endedAtMs }: Ending, recent: readonly Recent[]) {
  return recent.filter(
    (one) =>
      one.endedAtMs >= loadedAtMs &&
      one.keyId === beforeKey &&
      one.endedAtMs <= endedAtMs &&
      one.traceId !== traceId,
  );
}

/** What to keep of a request; null if it changed nothing that a later request could undo. */
export function toRecent(ending: Ending, digest: (value: string) => string): Recent | null {
  const { traceId, beforeKey: keyId, endedAtMs, gone } = ending;
  if (keyId === null || (!gone && (!ending.saved || ending.changes.length === 0))) return null;
  const changed = ending.changes.map(({ key }) => {
    const values = {
      before: digestOf(ending.before, key, digest),
      after: digestOf(ending.after, key, digest),
    };
    return [key, values] as const;
  });
  return { traceId, keyId, endedAtMs, gone, changed: new Map(changed) };
}

/** If the handler itself stored something before it failed, only the differences from that count. */
function unsavedChange({ before, after, unsaved, saved, gone }: Ending): Finding[] {
  if (unsaved === null) return [];
  const keys = changesBetween(saved || gone ? after : before, unsaved).map(({ key }) => key);
  return keys.length === 0 ? [] : [{ code: "unsaved-change", keys }];
}

/**
 * Only values that differ: a key that was added or removed did not escape the library, unless one of the two sessions
 * is too long to be read.
 */
function unmarkedChange({ before, after, unsaved, saved, gone, readers }: Ending): Finding[] {
  if (unsaved === null) return [];
  const keys = changesBetween(saved || gone ? after : before, unsaved)
    .filter(({ kind }) => kind === "changed")
    .map(({ key }) => key);
  if (keys.length === 0) return [];
  return [{ code: "unmarked-change", keys, lines: keys.map((key) => readers?.get(key) ?? "") }];
}

function needlessSave(ending: Ending): Finding[] {
  const sameSession = ending.beforeKey !== null && ending.beforeKey === ending.afterKey;
  const nothingNew = ending.isSame && !ending.merged && ending.carriedBytes === null;
  return sameSession && ending.saved && nothingNew && !ending.savedByPolicy
    ? [{ code: "needless-save" }]
    : [];
}

function loginWithoutNewKey({ beforeKey, afterKey, changes, after, saved }: Ending): Finding[] {
  if (beforeKey === null || beforeKey !== afterKey || !saved) return [];
  const keys = changes
    .filter(({ key, kind }) => kind !== "removed" && namesSomebody(key, after.get(key)))
    .map(({ key }) => key);
  return keys.length === 0 ? [] : [{ code: "login-without-new-key", keys }];
}

function nearLimit({ carriedBytes, splits, saved }: Ending): Finding[] {
  const isNear = carriedBytes !== null && carriedBytes >= NEAR_4_KIB && !splits;
  return saved && isNear ? [{ code: "near-4-kib" }] : [];
}

/**
 * Another request changed a key after this one had loaded the session, and this one then stored the whole session
 * without that change. It is not reported if this request had loaded a value that a still later request wrote: then
 * that request is to blame.
 */
function lostUpdate(
  ending: Ending,
  overlapping: readonly Recent[],
  digest: (value: string) => string,
): Finding[] {
  const isCarried = ending.carriedBytes !== null;
  if (!ending.saved || ending.merged || (ending.afterKey !== ending.beforeKey && !isCarried)) return [];
  const keys = new Set<string>();
  const traces = new Set<string>();
  const others = overlapping.filter(({ gone }) => !gone);
  for (const key of new Set(others.flatMap(({ changed }) => [...changed.keys()]))) {
    if (ending.conflictKeys.includes(key)) continue;
    const before = digestOf(ending.before, key, digest);
    const after = digestOf(ending.after, key, digest);
    const writers = others.flatMap(({ traceId, endedAtMs, changed }) => {
      const theirs = changed.get(key);
      return theirs === undefined ? [] : [{ traceId, endedAtMs, wrote: theirs.after }];
    });
    const seen = writers.filter(({ wrote }) => wrote === before).map(({ endedAtMs }) => endedAtMs);
    const seenUntilMs = Math.max(Number.NEGATIVE_INFINITY, ...seen);
    for (const { traceId, endedAtMs, wrote } of writers) {
      if (wrote === before || wrote === after || endedAtMs < seenUntilMs) continue;
      keys.add(key);
      traces.add(traceId);
    }
  }
  return traces.size === 0 ? [] : [{ code: "lost-update", keys: [...keys], traces: [...traces] }];
}

/** The session was deleted or moved to another key while this request had it, and this request stored it again. */
function resurrected({ saved, beforeKey, afterKey }: Ending, overlapping: readonly Recent[]): Finding[] {
  if (!saved || afterKey === null || afterKey !== beforeKey) return [];
  const traces = overlapping.filter(({ gone }) => gone).map(({ traceId }) => traceId);
  return traces.length === 0 ? [] : [{ code: "resurrected", traces }];
}

function digestOf(entries: Entries, key: string, digest: (value: string) => string): string | null {
  const value = entries.get(key);
  return value === undefined ? null : digest(value);
}
