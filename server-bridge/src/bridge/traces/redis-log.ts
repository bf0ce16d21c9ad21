/**
 * A trace log that several processes share: a Redis Stream. Every worker and host appends to it, and each one's bridge
 * serves all of it, so a panel connected to any of them follows one session across all of them, in order.
 *
 * Incoming traces are already redacted and limited in size. The stream keeps as much as the in-memory log does, and
 * Redis deletes it when nothing was traced for that long.
 */
import { createHash } from "node:crypto";
import { createSafeLog, warn } from "../../core/runtime.ts";
import { readEntries } from "./redis-entries.ts";
import type { HubCommands, Member } from "./redis-hub.ts";
import { joinHub } from "./redis-hubs.ts";
import type { RedisTarget } from "./redis-links.ts";
import {
  type KeptTraces,
  type LogEntry,
  MAX_AGE_MS,
  MAX_TRACES,
  type NewEntry,
  type TraceLog,
} from "./trace-log.ts";

/** Options of `redisLog`. */
export interface RedisLogOptions {
  /**
   * Name of the stream's key. The key of its counter is `{name}:newest`, which a Cluster keeps in the same slot. Must be
   * the same in all processes of one app. Default: `sessions:traces`.
   */
  name?: string;
  /** Receives one line when traces cannot be shared, and one when they are again. Default: `console.warn`. */
  log?: (line: string) => void;
}

/**
 * Adds the entry under the next number, in one step. If Redis lost the counter, the numbers continue from the time, in
 * milliseconds, so that none is used twice.
 */
const APPEND = `
local next = redis.call('INCR', KEYS[2])
if next == 1 then
  local time = redis.call('TIME')
  next = time[1] * 1000 + math.floor(time[2] / 1000)
  redis.call('SET', KEYS[2], next)
end
redis.call('XADD', KEYS[1], 'MAXLEN', ARGV[2], next .. '-0', 'entry', ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return next`;

/**
 * A log in Redis, for the `traceLog` option of `openBridge`. Logs with the same name and target share two connections
 * within a process.
 *
 * @param target an address, `redis://127.0.0.1:6379`, which may be that of any node of a Cluster; a list of addresses of
 * a Cluster; or a connected client of the package `redis`, made by `createClient` or `createCluster`, or of `ioredis`
 * @throws SessionError("settings") if the target has another form, or the package redis is not installed
 */
export function redisLog(target: RedisTarget, options: RedisLogOptions = {}): TraceLog {
  const stream = options.name ?? "sessions:traces";
  const say = options.log === undefined ? warn : createSafeLog(options.log);
  const member: Member = { listeners: new Set(), say };
  const { hub, leave } = joinHub(target, toCommands(stream), member);
  let isClosed = false;
  return {
    isShared: true,
    id: createHash("sha256").update(stream).digest("base64url").slice(0, 16),
    append(entry: NewEntry) {
      if (!isClosed) hub.append(JSON.stringify(entry));
    },
    async read(since) {
      const answers = isClosed ? null : await hub.read();
      if (answers === null) {
        // What came after `since` cannot be read, so a reader that continues from there has a gap.
        return { entries: [], evictedThrough: hub.newest > since ? hub.newest : 0, newest: hub.newest };
      }
      const [kept, given] = answers;
      const entries = readEntries(kept).flatMap(({ entry }) => (entry ? [entry] : []));
      return toKept(entries, Number(given ?? 0), since);
    },
    watch(listener) {
      if (isClosed) return () => {};
      member.listeners.add(listener);
      hub.listen();
      return () => member.listeners.delete(listener);
    },
    async close() {
      isClosed = true;
      member.listeners.clear();
      await leave();
    },
  };
}

function toCommands(stream: string): HubCommands {
  const counter = toCounter(stream);
  const limits = [String(MAX_TRACES), String(MAX_AGE_MS)];
  return {
    keys: [stream, counter],
    append: (text) => ["EVAL", APPEND, "2", stream, counter, text, ...limits],
    wait: (last, blockMs) => ["XREAD", "BLOCK", String(blockMs), "STREAMS", stream, last],
    read: [
      ["XRANGE", stream, "-", "+"],
      ["GET", counter],
    ],
  };
}

/**
 * The counter's key. A Cluster puts a key where the part in its first braces says, if there is one, and otherwise where
 * the whole key says.
 */
function toCounter(stream: string): string {
  return /^[^{]*\{[^}]/.test(stream) ? `${stream}:newest` : `{${stream}}:newest`;
}

/** What the stream has after `since`. @param given the last number that was assigned */
function toKept(entries: readonly LogEntry[], given: number, since: number): KeptTraces {
  const newest = entries.at(-1)?.trace.sequence ?? given;
  const oldest = entries[0]?.trace.sequence ?? newest + 1; // Redis drops old entries, but not the count of them
  const latest = new Map(entries.map((entry) => [entry.trace.id, entry]));
  return {
    entries: entries.filter((entry) => entry.trace.sequence > since && latest.get(entry.trace.id) === entry),
    evictedThrough: Math.max(0, oldest - 1),
    newest,
  };
}
