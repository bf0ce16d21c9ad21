/** Which top-level keys differ between two versions of a session's JSON, before anything is redacted. */

import { mapScalars } from "../../protocol/map-scalars.ts";
import type { ChangeKind } from "../../protocol/messages.ts";
import { containerAt } from "../../protocol/scan-json.ts";

/** If there are more keys than this, they are not compared one by one. */
const MAX_KEYS = 2_000;
/** Longer JSON is not read at all while a request waits for it: that would cost the request milliseconds. */
export const MAX_READ = 1024 * 1024;

/** Top-level keys, each with its value's JSON. */
export type Entries = ReadonlyMap<string, string>;

const NONE: Entries = new Map();

/**
 * The entries of a session's JSON; empty for null, for JSON too long to read, and for anything that is not an object.
 */
export function readEntries(json: string | null): Entries {
  if (json === null || json.length > MAX_READ || !json.startsWith("{")) return NONE;
  const node = containerAt(json, 0, MAX_KEYS)?.node;
  const texts = node?.items.map(
    ({ start, end }, index) => [node.keys[index] ?? "", json.slice(start, end)] as const,
  );
  return new Map(texts); // if a key occurs twice, the last one counts
}

/** The differences, in the order of the later JSON, removed keys last. */
export function changesBetween(before: Entries, after: Entries): { key: string; kind: ChangeKind }[] {
  if (before === after) return [];
  const changes: { key: string; kind: ChangeKind }[] = [];
  for (const [key, value] of after) {
    const old = before.get(key);
    if (old === undefined) changes.push({ key, kind: "added" });
    else if (!sameJson(old, value)) changes.push({ key, kind: "changed" });
  }
  for (const key of before.keys()) if (!after.has(key)) changes.push({ key, kind: "removed" });
  return changes;
}

/** True if two strings hold the same JSON apart from white space and the way characters are escaped. */
function sameJson(first: string, second: string): boolean {
  return first === second || toPlain(first) === toPlain(second);
}

/** Without white space, and with every string escaped in the same way. Numbers stay as written: `1.0` is not `1`. */
function toPlain(text: string): string {
  const spell = (token: string) => (token.includes("\\") ? JSON.stringify(JSON.parse(token)) : token);
  return mapScalars(text, spell, (piece) => piece.replace(/\s/g, ""));
}
