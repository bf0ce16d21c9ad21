/**
 * A trace log that several processes share: a Redis Stream. Every worker and host appends to it, and each one's bridge
 * hands out all of it, so that a panel connected to any of them follows one session across them in order.
 *
 * What comes in is redacted and capped already; the stream keeps as much as the log in memory does, and Redis forgets it
 * when nothing was traced for as long.
 */
import { createHash } from "node:crypto";
import { openServer } from "../../core/engines/caches/redis-client.ts";
import { readTrace } from "../../protocol/parse-trace.ts";
import { type LogEntry, MAX_AGE_MS, MAX_TRACES, type NewEntry, type TraceLog } from "./trace-log.ts";

/** What is needed of a connected client of the package `redis`. */
export interface RedisConnection {
  sendCommand(command: string[]): Promise<unknown>;
  duplicate(): RedisConnection & { connect(): Promise<unknown>; destroy(): void };
}

/** What `redisLog` can be told. */
export interface RedisLogOptions {
  /** Begins the names of the two keys that are used. The same in all processes of one app. Default `sessions:traces`. */
  name?: string;
  /** Takes one line when Redis fails, and one when it is back. Default `console.warn`. */
  log?: (line: string) => void;
}

/** The next number and the entry, in one step. A number is never given twice, also after Redis lost the key. */
const APPEND = `
local next = redis.call('INCR', KEYS[2])
if next == 1 then
  next = redis.call('TIME')[1] * 1000
  redis.call('SET', KEYS[2], next)
end
redis.call('XADD', KEYS[1], 'MAXLEN', ARGV[2], next .. '-0', 'entry', ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return next`;

/** How long one question for news waits, milliseconds. */
const BLOCK_MS = 2000;
const RETRY_MS = 1000;

/**
 * A log in Redis, for the option `traceLog` of `openBridge`.
 *
 * @param target an address, `redis://127.0.0.1:6379`, or a connected client of the package `redis`
 */
export function redisLog(target: string | RedisConnection, options: RedisLogOptions = {}): TraceLog {
  const stream = options.name ?? "sessions:traces";
  const counter = `${stream}:newest`;
  const say = options.log ?? console.warn;
  const [writer, reader] =
    typeof target === "string" ? [openLink(target), openLink(target)] : linksOf(target);
  const listeners = new Set<(entry: LogEntry) => void>();
  let failing = false;
  let closed = false;
  let started = false;

  const note = (error: unknown) => {
    if (!failing && !closed) {
      say(
        `[session-bridge] traces are not shared while Redis does not answer (${nameOf(error)}). Start it, or leave traceLog out.`,
      );
    }
    failing = true;
  };

  async function ask(link: Link, command: string[]): Promise<unknown> {
    const answer = await link.ask(command);
    if (failing) say("[session-bridge] Redis answers again; traces are shared.");
    failing = false;
    return answer;
  }

  /** Hands every entry to the listeners, what is kept first, until the log is closed. */
  async function listen(): Promise<void> {
    let last = "0-0";
    while (!closed) {
      try {
        const news = await ask(reader, ["XREAD", "BLOCK", String(BLOCK_MS), "STREAMS", stream, last]);
        for (const { id, entry } of readNews(news)) {
          last = id;
          if (entry) for (const listener of listeners) listener(entry);
        }
      } catch (error) {
        note(error);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref());
      }
    }
  }

  return {
    isShared: true,
    id: createHash("sha256").update(stream).digest("base64url").slice(0, 16),
    append(entry: NewEntry) {
      const command = [
        "EVAL",
        APPEND,
        "2",
        stream,
        counter,
        JSON.stringify(entry),
        String(MAX_TRACES),
        String(MAX_AGE_MS),
      ];
      ask(writer, command).catch(note);
    },
    async read(since) {
      const answers = [ask(writer, ["XRANGE", stream, "-", "+"]), ask(writer, ["GET", counter])];
      const [kept, given] = await Promise.all(answers).catch((error: unknown) => {
        note(error);
        return [];
      });
      const entries = readEntries(kept).flatMap(({ entry }) => (entry ? [entry] : []));
      const newest = entries.at(-1)?.trace.sequence ?? Number(given ?? 0);
      const oldest = entries[0]?.trace.sequence ?? newest + 1; // Redis forgets all, but not how many there were
      const latest = new Map(entries.map((entry) => [entry.trace.id, entry]));
      return {
        entries: entries.filter(
          (entry) => entry.trace.sequence > since && latest.get(entry.trace.id) === entry,
        ),
        evictedThrough: Math.max(0, oldest - 1),
        newest,
      };
    },
    watch(listener) {
      listeners.add(listener);
      if (!started) void listen();
      started = true;
      return () => listeners.delete(listener);
    },
    close() {
      closed = true;
      listeners.clear();
      return Promise.all([writer.end(), reader.end()]).then(() => {}, note);
    },
  };
}

/** One connection: writing and waiting for news need one each. */
interface Link {
  ask(command: string[]): Promise<unknown>;
  end(): Promise<void>;
}

/** A connection of our own, which fails at once instead of waiting for a server that is not there. */
function openLink(address: string): Link {
  const { client, ready, end } = openServer(address, () => {}); // the log says itself, once, that Redis does not answer
  const connection = client as unknown as RedisConnection; // the driver's client has both shapes, by its documentation
  return {
    async ask(command) {
      await ready();
      return connection.sendCommand(command);
    },
    end,
  };
}

/** The user's client to write with, and a second one like it to wait with. */
function linksOf(client: RedisConnection): [Link, Link] {
  const second = client.duplicate();
  let connected: Promise<unknown> | null = null;
  return [
    { ask: (command) => client.sendCommand(command), end: async () => {} },
    {
      async ask(command) {
        connected ??= second.connect();
        await connected;
        return second.sendCommand(command);
      },
      end: async () => second.destroy(),
    },
  ];
}

/** The answer of XREAD: null, or the one stream's name and its entries (a list of pairs, or a map in RESP3). */
function readNews(answer: unknown): { id: string; entry: LogEntry | null }[] {
  const streams: unknown[] = Array.isArray(answer) ? answer : Object.entries(answer ?? {});
  const [first] = streams;
  return Array.isArray(first) ? readEntries(first[1]) : [];
}

/** The answer of XRANGE: pairs of an id and the fields `entry`, text. What is not ours is passed over. */
function readEntries(answer: unknown): { id: string; entry: LogEntry | null }[] {
  if (!Array.isArray(answer)) return [];
  return answer.flatMap((pair: unknown) => {
    if (!Array.isArray(pair) || typeof pair[0] !== "string" || !Array.isArray(pair[1])) return [];
    return [{ id: pair[0], entry: readEntry(pair[0], String(pair[1][1])) }];
  });
}

function readEntry(id: string, text: string): LogEntry | null {
  try {
    const { trace, owners }: { trace: object; owners: string[] } = JSON.parse(text);
    return { trace: readTrace({ ...trace, sequence: Number.parseInt(id, 10) }, "trace"), owners };
  } catch {
    return null; // written by another version, or by hand
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
