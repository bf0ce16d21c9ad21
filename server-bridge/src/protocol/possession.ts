/** What shows whose a session is, where the signature of its cookie stands in a second cookie. */

/** Both cookies as one text. A cookie's value holds no `;`, so it cannot be taken for the value of one. */
export function joinPossession(value: string, signatureName: string, signature: string): string {
  return `${value}; ${signatureName}=${signature}`;
}

/** The cookie's value and its signature; null for the signature where there is none of that name. */
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
