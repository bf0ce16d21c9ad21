/** Reads Redis's answers about the stream of traces. Entries that are not ours are skipped. */
import { readTrace } from "../../protocol/parse-trace.ts";
import type { LogEntry } from "./trace-log.ts";

/** One entry of the stream; `entry` is null if another version wrote it, or someone by hand. */
export interface StreamEntry {
  id: string;
  entry: LogEntry | null;
}

/**
 * The answer to XREAD: null, or the stream's name and its entries: a list of pairs, in RESP3 a map, or what ioredis makes
 * of that, one list.
 */
export function readNews(answer: unknown): StreamEntry[] {
  const streams: unknown[] = Array.isArray(answer) ? answer : Object.entries(answer ?? {});
  const [first, second] = streams;
  if (typeof first === "string") return readEntries(second);
  return Array.isArray(first) ? readEntries(first[1]) : [];
}

/** The answer to XRANGE: pairs of an id and the fields `entry` and its string. */
export function readEntries(answer: unknown): StreamEntry[] {
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
