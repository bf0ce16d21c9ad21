/** Reading the index of users, and all sessions, in pages: each is one query, so no transaction stays open between them. */
import type { IndexedSession, ScannedSession } from "../user-index.ts";

/** A row by the names of its columns. */
export type PageRow = Readonly<Record<string, unknown>>;

/** Reads page after page, each after the last row of the one before, until one is not full. */
export async function* readPages(
  size: number,
  read: (after: PageRow | null) => Promise<readonly PageRow[]>,
): AsyncGenerator<readonly PageRow[]> {
  let after: PageRow | null = null;
  for (;;) {
    const rows: readonly PageRow[] = await read(after);
    if (rows.length > 0) yield rows;
    if (rows.length < size) return;
    after = rows.at(-1) ?? null;
  }
}

/** An entry and its session, from `key`, `created`, `seen`, `text` and `ends`. */
export function toIndexed(row: PageRow, toMs: (ends: unknown) => number): IndexedSession {
  const { key, created, seen, text, ends } = row;
  return {
    key: String(key),
    createdMs: toNumber(created),
    seenMs: toNumber(seen),
    stored: typeof text === "string" ? { text, expiresAtMs: toMs(ends) } : null,
  };
}

/** The sessions of a page that have not expired, from `key`, `text` and `ends`. */
export function toScanned(
  rows: readonly PageRow[],
  nowMs: number,
  toMs: (ends: unknown) => number,
): ScannedSession[] {
  return rows.flatMap(({ key, text, ends }) => {
    const expiresAtMs = toMs(ends);
    return expiresAtMs > nowMs ? [{ key: String(key), stored: { text: String(text), expiresAtMs } }] : [];
  });
}

function toNumber(column: unknown): number | null {
  return column === null || column === undefined ? null : Number(column);
}
