/** Pinned keys as columns: what `user_id` was at every row, carried on where a request did not touch the session. */
import { parseJson } from "session-bridge/protocol";
import { cutText } from "../json/tree-rows.ts";
import { formatTime } from "../time-text.ts";
import { type Entry, readingOf, sidesOf, traceOf } from "./entry.ts";
import { valueAt } from "./pin-path.ts";

/** One cell of a pinned column. */
export interface Pinned {
  /** The value's JSON text, cut; null when the key is absent. */
  text: string | null;
  /** The row whose request last told the value; null in that row itself. */
  carriedFrom: { id: string; label: string } | null;
}

/** The cells of one timeline. Only the rows that are shown are computed. */
export interface PinnedCells {
  /** One cell per key, equal arrays for equal contents; undefined before the first row that tells anything. */
  of(entry: Entry): readonly Pinned[] | undefined;
}

const MAX_PINNED = 60;

/** Cells for `entries`, all of them, so that a filter hides rows but not what they told. */
export function pinnedCells(entries: readonly Entry[], keys: readonly string[]): PinnedCells {
  let sources: Map<string, Entry> | null = null;
  return {
    of(entry) {
      if (keys.length === 0 || entry.type === "note") return undefined;
      if (tells(entry)) return ownCells(entry, keys);
      sources ??= sourcesOf(entries);
      const source = sources.get(entry.id);
      return source === undefined ? undefined : carriedCells(source, keys);
    },
  };
}

/** `POST /login, 43`: how a row is named elsewhere. */
export function labelOf(entry: Entry): string {
  if (entry.type === "note") return "";
  if (entry.type === "request") {
    const url = URL.canParse(entry.request.url) ? new URL(entry.request.url).pathname : entry.request.url;
    const name = `${entry.request.method} ${cutText(url, 80)}`;
    return entry.number === null ? name : `${name}, ${entry.number}`;
  }
  if (entry.type === "span") return `a change by ${formatTime(entry.at)}`;
  return `${entry.trace.request.method} ${cutText(entry.trace.request.path, 80)}`;
}

/** True when the entry says what the session held after it. */
function tells(entry: Entry): boolean {
  if (readingOf(entry) !== null) return true;
  const trace = traceOf(entry);
  return trace !== null && (trace.before !== null || trace.after !== null);
}

/** For each entry that tells nothing, the last one before it that does. */
function sourcesOf(entries: readonly Entry[]): Map<string, Entry> {
  const sources = new Map<string, Entry>();
  let last: Entry | null = null;
  for (const entry of entries) {
    if (tells(entry)) last = entry;
    else if (last !== null && entry.type !== "note") sources.set(entry.id, last);
  }
  return sources;
}

interface Told {
  keys: readonly string[];
  own: readonly Pinned[];
  carried: readonly Pinned[] | null;
}

/** Kept per entry, which never changes: rows that come again are the same and need not be drawn again. */
const told = new WeakMap<Entry, Told>();

function ownCells(entry: Entry, keys: readonly string[]): readonly Pinned[] {
  return toldBy(entry, keys).own;
}

function carriedCells(source: Entry, keys: readonly string[]): readonly Pinned[] {
  const known = toldBy(source, keys);
  if (known.carried === null) {
    const from = { id: source.id, label: labelOf(source) };
    known.carried = known.own.map(({ text }) => ({ text, carriedFrom: from }));
  }
  return known.carried;
}

function toldBy(entry: Entry, keys: readonly string[]): Told {
  const known = told.get(entry);
  if (known?.keys === keys) return known;
  const texts = valuesOf(sidesOf(entry)?.after ?? null, keys);
  const fresh: Told = { keys, own: texts.map((text) => ({ text, carriedFrom: null })), carried: null };
  told.set(entry, fresh);
  return fresh;
}

function valuesOf(json: string | null, keys: readonly string[]): (string | null)[] {
  const parsed = json === null ? null : parseJson(json);
  if (json === null || parsed === null || !parsed.ok) return keys.map(() => null);
  return keys.map((key) => {
    const node = valueAt(parsed.root, key);
    return node && cutText(json.slice(node.start, node.end), MAX_PINNED);
  });
}
