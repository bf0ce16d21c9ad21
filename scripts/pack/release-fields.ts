/** What the library's package.json has to name before a release: where its sources and its page are, which only its owner knows. */

const FIELDS = ["repository", "homepage"] as const;

/** The fields that a release needs and that are not there. */
export function readMissing(manifest: Readonly<Record<string, unknown>>): string[] {
  return FIELDS.filter((field) => !manifest[field]);
}

/** One sentence that names them; null when all are there. */
export function sayMissing(fields: readonly string[]): string | null {
  if (fields.length === 0) return null;
  return `server-bridge/package.json has no ${fields.join(" and no ")}. Add ${fields.length === 1 ? "it" : "them"} for the package's page on the registry.`;
}
