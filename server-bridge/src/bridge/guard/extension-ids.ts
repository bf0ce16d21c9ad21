/**
 * Which extensions may call: by the `Origin` that their browser puts on each request, which no page can send with a POST.
 * A program on this machine can send any.
 */

/** Ids of extensions, as their Origins have them. */
export type ExtensionIds = ReadonlySet<string>;

const CHROME = /^[a-p]{32}$/;
const FIREFOX = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

/** The id in an extension's Origin, in Chromium's form or in Firefox's; null for any other text. */
export function extensionIdOf(origin: string): string | null {
  const [scheme, id = "", ...more] = origin.split("://");
  if (more.length > 0) return null;
  if (scheme === "chrome-extension") return CHROME.test(id) ? id : null;
  return scheme === "moz-extension" && FIREFOX.test(id) ? id : null;
}

/** The option `extensionId`, checked; null when it is absent. Throws with where an id is found. */
export function readExtensionIds(given: string | readonly string[] | undefined): ExtensionIds | null {
  if (given === undefined) return null;
  const ids = typeof given === "string" ? [given] : given;
  if (ids.length > 0 && ids.every((id) => CHROME.test(id) || FIREFOX.test(id))) return new Set(ids);
  throw new Error(
    "[session-bridge] extensionId takes ids of extensions: in Chrome the 32 letters from a to p on chrome://extensions, in Firefox the Internal UUID on about:debugging#/runtime/this-firefox.",
  );
}
