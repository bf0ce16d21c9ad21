/** What `mysql2` returns. */

/** The rows of a query. */
export function rowsOf(result: unknown): Readonly<Record<string, unknown>>[] {
  return Array.isArray(result) ? result : [];
}

/** How many rows a statement changed: or found, on a connection with the flag FOUND_ROWS, which the driver sets. */
export function countOf(result: unknown): number {
  if (typeof result !== "object" || result === null || !("affectedRows" in result)) return 0;
  return Number(result.affectedRows);
}
