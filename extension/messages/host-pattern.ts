/**
 * The pattern by which browsers give access to a site.
 */

/**
 * The host pattern to ask for, so that an origin's cookies are seen: `*://app.test/*`.
 *
 * Both schemes, because Chrome hides the non-Secure cookies of an https site from who has https alone.
 * Null for origins that no extension is given, such as `chrome://settings` and files.
 */
export function toHostPattern(origin: string): string | null {
  if (!URL.canParse(origin)) return null;
  const { protocol, hostname } = new URL(origin);
  return protocol === "http:" || protocol === "https:" ? `*://${hostname}/*` : null;
}
