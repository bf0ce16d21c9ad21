/**
 * Which extensions may call, judged by the `Origin` that their browser adds to each request, which no page can forge
 * with a POST. A program on this machine can send any Origin.
 */
import { PREFIX } from "../../core/errors.ts";

/** Extension ids, as they appear in Origins. */
export type ExtensionIds = ReadonlySet<string>;

const CHROME = /^[a-p]{32}$/;
const FIREFOX = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

/** The id in an extension's Origin, in Chromium's or Firefox's form; null for any other string. */
export function extensionIdOf(origin: string): string | null {
  const [scheme, id = "", ...more] = origin.split("://");
  if (more.length > 0) return null;
  if (scheme === "chrome-extension") return CHROME.test(id) ? id : null;
  return scheme === "moz-extension" && FIREFOX.test(id) ? id : null;
}

/** The checked `extensionId` option; null when absent. Throws, saying where an id is found. */
export function readExtensionIds(given: string | readonly string[] | undefined): ExtensionIds | null {
  if (given === undefined) return null;
  const ids = typeof given === "string" ? [given] : given;
  if (ids.length > 0 && ids.every((id) => CHROME.test(id) || FIREFOX.test(id))) return new Set(ids);
  throw new Error(
    `${PREFIX}extensionId takes extension ids: in Chrome the 32 letters from a to p on chrome://extensions, in Firefox the Internal UUID on about:debugging#/runtime/this-firefox.`,
  );
}
