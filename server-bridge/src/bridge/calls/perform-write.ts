/**
 * The steps shared by every write from a panel: it waits for earlier writes to its session, leaves a trace with origin
 * *panel* and one line on the terminal, and returns a sealed copy of what was there before.
 */
import { createPerKeyQueue } from "../../core/engines/per-key-queue.ts";
import { shortenKey } from "../../core/session/key.ts";
import { BRIDGE_PATH } from "../../protocol/address.ts";
import type { OperationName, WriteAnswer } from "../../protocol/messages.ts";
import { valueOfPossession } from "../../protocol/possession.ts";
import type { ProvenKey, StoredView, WriteResult } from "../../sources/source.ts";
import type { Digests } from "../redaction/digests.ts";
import type { Recorder } from "../traces/recorder.ts";
import { toRefusal } from "./expected-session.ts";
import { toState } from "./reads.ts";
import { seal } from "./seal.ts";
import { withinStoreLimit } from "./store-limit.ts";

/** Writes whose expiry is remembered: more than anyone will undo. */
const MAX_ENDS = 1_000;

/** The operation that each call has in its trace. */
const OPERATIONS = {
  edit: "save",
  expiry: "save",
  cycle: "cycle",
  flush: "flush",
  restore: "save",
} as const satisfies Record<string, OperationName>;

/** What writes need. */
export interface WriterParts {
  digests: Digests;
  recorder: Recorder;
  /** Milliseconds since 1970. */
  clock(): number;
  /** Milliseconds by a monotonic clock. */
  now(): number;
  log(line: string): void;
}

/** One write. */
interface Write {
  call: keyof typeof OPERATIONS;
  /** What the caller showed as proof of `key`. */
  cookie: string;
  key: ProvenKey;
  /** Follows the call's name on the terminal. Never contains a value. */
  note: string;
  /** Makes the write at the source. May throw a refusal. */
  perform(): Promise<WriteResult>;
}

/** Makes writes, one at a time for each session. */
interface Writer {
  perform(write: Write): Promise<WriteAnswer>;
  /**
   * True when a panel wrote this version and it has since expired: that nothing is stored now is then no one else's
   * doing.
   */
  isOver(version: string | null): boolean;
}

/** A writer that has made no writes yet. */
export function createWriter(parts: WriterParts): Writer {
  const { digests } = parts;
  const queue = createPerKeyQueue();
  const ends = createEnds();
  return {
    perform(write) {
      return queue.take(digests.keyId(write.key), async () => {
        const startedMs = parts.now();
        const result = await withinStoreLimit(write.perform(), "write");
        if (!result.ok) throw toRefusal(result, digests);
        if (result.after !== null) ends.remember(result.after, digests);
        return settle(write, result, parts.now() - startedMs, parts);
      });
    },
    isOver: (version) => version !== null && ends.of(version) <= parts.clock(),
  };
}

/** Leaves the trace and the terminal line for a completed write; returns its answer. */
function settle(
  { call, cookie, key, note }: Write,
  { before, after, ...result }: Extract<WriteResult, { ok: true }>,
  durationMs: number,
  { digests, recorder, clock, log }: WriterParts,
): WriteAnswer {
  const operation = OPERATIONS[call];
  const traceId = recorder.write({ path: BRIDGE_PATH + call, operation, durationMs, before, after });
  log(`panel: ${call} of session ${shortenKey(before.key)}${note}`);
  return {
    serverTime: clock(),
    session: after === null ? null : toState(after, digests),
    // the key is unchanged, so keep the cookie that shows it, whichever of the app's secrets signed it
    cookie: after?.key === key ? valueOfPossession(cookie) : result.cookie,
    cookieExpiresAt: result.cookieExpiresAtMs,
    kept: seal(before, cookie, digests.sealKey),
    traceId,
  };
}

/** Remembers when the sessions that panels wrote expire, by version. */
function createEnds() {
  const ends = new Map<string, number>();
  return {
    remember({ key, stored, expiresAtMs }: StoredView, digests: Digests): void {
      if (expiresAtMs === null) return;
      ends.set(digests.version(key, stored), expiresAtMs);
      for (const oldest of ends.keys()) if (ends.size > MAX_ENDS) ends.delete(oldest);
    },
    of: (version: string): number => ends.get(version) ?? Number.POSITIVE_INFINITY,
  };
}
