/**
 * A trace log that several processes share: a Redis Stream. Every worker and host appends to it, and each one's bridge
 * serves all of it, so a panel connected to any of them follows one session across all of them, in order.
 *
 * Incoming traces are already redacted and limited in size. The stream keeps as much as the in-memory log does, and
 * Redis deletes it when nothing was traced for that long.
 */
import { createHash } from "node:crypto";
import { describeError } from "../../core/errors.ts";
import { createSafeLog, warn } from "../../core/runtime.ts";
import { readEntries, readNews } from "./redis-entries.ts";
import { type Link, openLinks, type RedisConnection } from "./redis-links.ts";
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
   * Prefix of the two Redis keys that are used. Must be the same in all processes of one app. Default:
   * `sessions:traces`.
   */
  name?: string;
  /** Receives one line when Redis fails, and one when it is back. Default: `console.warn`. */
  log?: (line: string) => void;
}

/** Adds the entry under the next number, in one step. A number is never used twice, even after Redis lost the key. */
const APPEND = `
local next = redis.call('INCR', KEYS[2])
if next == 1 then
  next = redis.call('TIME')[1] * 1000
  redis.call('SET', KEYS[2], next)
end
redis.call('XADD', KEYS[1], 'MAXLEN', ARGV[2], next .. '-0', 'entry', ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return next`;

/** How long one wait for news lasts, in milliseconds. */
const BLOCK_MS = 2000;
const RETRY_MS = 1000;

/**
 * A log in Redis, for the `traceLog` option of `openBridge`.
 *
 * @param target an address, `redis://127.0.0.1:6379`, or a connected client of the package `redis`
 */
export function redisLog(target: string | RedisConnection, options: RedisLogOptions = {}): TraceLog {
  const stream = options.name ?? "sessions:traces";
  const counter = `${stream}:newest`;
  const [writer, reader] = openLinks(target);
  const report = createOutageReport(options.log === undefined ? warn : createSafeLog(options.log));
  const ask = async (link: Link, command: string[]): Promise<unknown> => {
    const answer = await link.ask(command);
    report.works();
    return answer;
  };
  const news = createNews(
    (last) => ask(reader, ["XREAD", "BLOCK", String(BLOCK_MS), "STREAMS", stream, last]),
    report.fails,
  );
  return {
    isShared: true,
    id: createHash("sha256").update(stream).digest("base64url").slice(0, 16),
    append(entry: NewEntry) {
      const limits = [String(MAX_TRACES), String(MAX_AGE_MS)];
      const command = ["EVAL", APPEND, "2", stream, counter, JSON.stringify(entry), ...limits];
      ask(writer, command).catch(report.fails);
    },
    async read(since) {
      const answers = [ask(writer, ["XRANGE", stream, "-", "+"]), ask(writer, ["GET", counter])];
      const [kept, given] = await Promise.all(answers).catch((error: unknown) => {
        report.fails(error);
        return [];
      });
      const entries = readEntries(kept).flatMap(({ entry }) => (entry ? [entry] : []));
      return toKept(entries, Number(given ?? 0), since);
    },
    watch: news.watch,
    close() {
      report.close();
      news.close();
      return Promise.all([writer.end(), reader.end()]).then(() => {}, report.fails);
    },
  };
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

/** Reports once that Redis does not answer, and once that it answers again. */
function createOutageReport(say: (line: string) => void) {
  let failing = false;
  let closed = false;
  return {
    works() {
      if (failing) say("Redis answers again; traces are shared.");
      failing = false;
    },
    fails(error: unknown) {
      if (!failing && !closed) {
        say(
          `traces are not shared while Redis does not answer (${describeError(error)}). Start Redis, or leave traceLog out.`,
        );
      }
      failing = true;
    },
    close() {
      closed = true;
    },
  };
}

/** Passes every entry to the listeners, starting with those already kept. It starts with the first listener. */
function createNews(ask: (last: string) => Promise<unknown>, failed: (error: unknown) => void) {
  const listeners = new Set<(entry: LogEntry) => void>();
  let closed = false;
  let started = false;

  const listen = async (): Promise<void> => {
    let last = "0-0";
    while (!closed) {
      try {
        for (const { id, entry } of readNews(await ask(last))) {
          last = id;
          if (entry) for (const listener of listeners) listener(entry);
        }
      } catch (error) {
        failed(error);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref());
      }
    }
  };

  return {
    watch(listener: (entry: LogEntry) => void) {
      listeners.add(listener);
      if (!started) void listen();
      started = true;
      return () => listeners.delete(listener);
    },
    close() {
      closed = true;
      listeners.clear();
    },
  };
}
