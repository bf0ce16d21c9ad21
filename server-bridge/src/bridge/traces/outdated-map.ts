/**
 * Source maps that are older than the code they are for. A bundler that watches files may write a map after the bundle has
 * run again, and Node keeps the one that it read then.
 */
import { readFileSync, statSync } from "node:fs";
import type { SourceMap } from "node:module";

/** What was found for a file, until the file changes. */
interface Known {
  mtimeMs: number;
  isOutdated: boolean;
}

const known = new WeakMap<SourceMap, Map<string, Known>>();

/** True if the map has another text of `source` than its file has now, so that its lines may be those of other code. */
export function isOutdated(map: SourceMap, source: string, file: string): boolean {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) return false; // a name of the bundler's, not of a file
  const { mtimeMs } = stats;
  const files = known.get(map) ?? new Map<string, Known>();
  known.set(map, files);
  const before = files.get(file);
  if (before?.mtimeMs === mtimeMs) return before.isOutdated;
  const text = textIn(map.payload, source);
  const outdated = text !== undefined && withoutMark(text) !== withoutMark(readFileSync(file, "utf8"));
  files.set(file, { mtimeMs, isOutdated: outdated });
  return outdated;
}

/** Bundlers drop the byte order mark with which some editors begin a file. */
function withoutMark(text: string): string {
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}

/** A map with several sections has one map in each. */
interface Payload {
  sources?: readonly string[];
  sourcesContent?: readonly (string | null)[];
  sections?: readonly { map: Payload }[];
}

function textIn({ sources, sourcesContent, sections }: Payload, source: string): string | undefined {
  const at = sources?.indexOf(source) ?? -1;
  if (at >= 0) return sourcesContent?.[at] ?? undefined;
  for (const { map } of sections ?? []) {
    const text = textIn(map, source);
    if (text !== undefined) return text;
  }
  return undefined;
}
