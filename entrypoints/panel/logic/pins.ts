/** Pinned keys as columns: what `user_id` was at every row, carried on where a request did not touch the session. */
import { type Entry, sidesOf } from "./entries.ts";
import { parseJson } from "./json.ts";
import { cutText } from "./rows.ts";

/** One cell of a pinned column. */
export interface Pinned {
  /** The value's JSON text, cut; null when the key is absent. */
  text: string | null;
  /** The row whose request last told the value; null in that row itself. */
  carriedFrom: { id: string; label: string } | null;
}

const MAX_PINNED = 60;

/**
 * Cells of each entry by its id, one per key, in the order of `keys`.
 *
 * Entries without a cell come before the first one that tells anything of the session.
 */
export function pinnedCells(entries: readonly Entry[], keys: readonly string[]): Map<string, Pinned[]> {
  const cells = new Map<string, Pinned[]>();
  let last: { id: string; label: string; texts: (string | null)[] } | null = null;
  for (const entry of entries) {
    if (entry.type === "note") continue;
    const texts = tellsOf(entry, keys);
    if (texts !== null) {
      last = { id: entry.id, label: labelOf(entry), texts };
      cells.set(
        entry.id,
        texts.map((text) => ({ text, carriedFrom: null })),
      );
    } else if (last !== null) {
      const from = { id: last.id, label: last.label };
      cells.set(
        entry.id,
        last.texts.map((text) => ({ text, carriedFrom: from })),
      );
    }
  }
  return cells;
}

/** `POST /login, 43`: how a row is named elsewhere. */
export function labelOf(entry: Entry): string {
  if (entry.type === "note") return "";
  if (entry.type === "request") {
    const url = URL.canParse(entry.request.url) ? new URL(entry.request.url).pathname : entry.request.url;
    return `${entry.request.method} ${cutText(url, 80)}, ${entry.number}`;
  }
  return `${entry.trace.request.method} ${cutText(entry.trace.request.path, 80)}`;
}

const told = new WeakMap<object, { keys: readonly string[]; texts: (string | null)[] }>();

/** The keys' texts after an entry, kept per entry: a thousand rows are asked again at every change. */
function tellsOf(entry: Entry, keys: readonly string[]): (string | null)[] | null {
  const sides = sidesOf(entry);
  if (sides === null) return null;
  const known = told.get(entry);
  if (known?.keys === keys) return known.texts;
  const texts = valuesOf(sides.after, keys);
  told.set(entry, { keys, texts });
  return texts;
}

function valuesOf(json: string | null, keys: readonly string[]): (string | null)[] {
  const parsed = json === null ? null : parseJson(json);
  if (json === null || parsed === null || !parsed.ok) return keys.map(() => null);
  const { root } = parsed;
  return keys.map((key) => {
    const node = root.items[root.keys.lastIndexOf(key)];
    return node === undefined ? null : cutText(json.slice(node.start, node.end), MAX_PINNED);
  });
}
