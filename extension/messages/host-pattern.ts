/** The pattern by which browsers grant access to a site. */

/**
 * The host pattern to request so that an origin's cookies are visible: `*://app.test/*`.
 *
 * Both schemes, because Chrome hides the non-Secure cookies of an https site from an extension that only has https. Null for
 * origins that no extension can get, such as `chrome://settings` and files.
 */
export function toHostPattern(origin: string): string | null {
  if (!URL.canParse(origin)) return null;
  const { protocol, hostname } = new URL(origin);
  return protocol === "http:" || protocol === "https:" ? `*://${hostname}/*` : null;
}
