/** What proves who owns a session, if the signature of its cookie is in a second cookie. */

/**
 * Both cookies as one string. A cookie's value contains no `;`, so the result cannot be mistaken for a single value.
 */
export function joinPossession(value: string, signatureName: string, signature: string): string {
  return `${value}; ${signatureName}=${signature}`;
}

/** The cookie's value and its signature; null for the signature if there is none of that name. */
export function splitPossession(
  possession: string,
  signatureName: string,
): { value: string; signature: string | null } {
  const at = possession.indexOf(";");
  if (at === -1) return { value: possession, signature: null };
  const value = possession.slice(0, at);
  const head = `; ${signatureName}=`;
  return { value, signature: possession.startsWith(head, at) ? possession.slice(at + head.length) : null };
}

/** The cookie's value alone. */
export function valueOfPossession(possession: string): string {
  const at = possession.indexOf(";");
  return at === -1 ? possession : possession.slice(0, at);
}
