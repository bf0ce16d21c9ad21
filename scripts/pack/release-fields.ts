/**
 * What a release needs and only the owner knows: where the sources and the page of the library are, in its package.json, and
 * where to report a vulnerability, in SECURITY.md.
 */

const FIELDS = ["repository", "homepage"] as const;
/** What SECURITY.md contains in the place of an address. */
const NO_ADDRESS = "OWNER-ADDRESS-MISSING";

/**
 * What is missing and what to do, one sentence for each file; null if nothing is missing.
 *
 * @param manifest the library's package.json
 * @param security the text of SECURITY.md
 */
export function sayUnready(manifest: Readonly<Record<string, unknown>>, security: string): string | null {
  const sentences = [sayMissing(FIELDS.filter((field) => !manifest[field])), sayNoAddress(security)];
  return sentences.filter((sentence) => sentence !== null).join(" ") || null;
}

function sayMissing(fields: readonly string[]): string | null {
  if (fields.length === 0) return null;
  return `server-bridge/package.json has no ${fields.join(" and no ")}. Add ${fields.length === 1 ? "it" : "them"} for the package's page on the registry.`;
}

function sayNoAddress(security: string): string | null {
  if (!security.includes(NO_ADDRESS)) return null;
  return `SECURITY.md has no address for reports. Replace ${NO_ADDRESS} with it.`;
}
