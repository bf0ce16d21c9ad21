/** Reads a `Set-Cookie` line as browsers do. The only reader of such lines, in the library and in the panel. */
import { type CookieBrowser, readCookieDate } from "./cookie-date.ts";

/** Which browser's rules, and which clock, apply to the dates in a response's cookies. */
export interface CookieClock {
  browser: CookieBrowser;
  /**
   * The response's `Date` minus the browser's clock, milliseconds: browsers subtract that from `Expires`. 0 without a
   * `Date`.
   */
  aheadMs: number;
}

/** The contents of a line. Fields that are missing, or that mean nothing to the browser, are absent. */
export interface SetCookie {
  name: string;
  /** As sent: neither unquoted nor percent-decoded. */
  value: string;
  domain?: string;
  path?: string;
  secure: boolean;
  httpOnly: boolean;
  /** True if requested; otherwise absent. */
  partitioned?: true;
  /** As sent. */
  sameSite?: string;
  /** Seconds; negative values expire the cookie at once, too. */
  maxAge?: number;
  /** The string after `Max-Age`, whatever it is. */
  maxAgeText?: string;
  /** By the browser's clock. */
  expires?: Date;
  /** The string after `Expires`, whatever it is. */
  expiresText?: string;
  /** True if browsers read `Expires` or `Max-Age` differently, and how this one does is not known. */
  isEndUnsure: boolean;
}

/**
 * Reads one line; null for a line without a name and a value, which browsers ignore.
 *
 * If an attribute occurs several times, the last one counts, even if it cannot be read (RFC 6265 §5.3).
 *
 * @param clock null: unknown; then dates are returned only if all browsers agree
 */
export function parseSetCookie(line: string, clock: CookieClock | null): SetCookie | null {
  const [pair = "", ...rest] = line.split(";");
  const [name, value] = splitPair(pair);
  if (name === "" && value === "") return null;
  const attributes = new Map(rest.map((attribute) => readAttribute(attribute)));
  const text = (key: string) => attributes.get(key);
  const [domain, path, sameSite, expiresText] = ["domain", "path", "samesite", "expires"].map(text);
  const browser = clock?.browser ?? null;
  const maxAgeText = text("max-age");
  const age = readMaxAge(maxAgeText, browser);
  const end = expiresText === undefined ? "none" : readCookieDate(expiresText, browser);
  return {
    name,
    value,
    ...(domain !== undefined && { domain }),
    ...(path !== undefined && { path }),
    secure: attributes.has("secure"),
    httpOnly: attributes.has("httponly"),
    ...(sameSite !== undefined && { sameSite }),
    ...(attributes.has("partitioned") && { partitioned: true }),
    ...(typeof age === "number" && { maxAge: age }),
    ...(maxAgeText !== undefined && { maxAgeText }),
    ...(typeof end === "number" && { expires: new Date(end - (clock?.aheadMs ?? 0)) }),
    ...(expiresText !== undefined && { expiresText }),
    isEndUnsure: age === "unsure" || (age === "none" && end === "unsure"),
  };
}

/**
 * When the cookie expires, milliseconds since 1970; null: when the browser closes, or it is not known (`isEndUnsure`).
 * Max-Age wins over Expires (RFC 6265 §5.3).
 *
 * @param at when the response arrived
 */
export function endOfSetCookie({ maxAge, expires }: SetCookie, at: number): number | null {
  if (maxAge === undefined) return expires?.getTime() ?? null;
  return maxAge <= 0 ? 0 : Math.min(at + maxAge * 1000, LAST_MOMENT);
}

/** There are no dates beyond this (ECMA-262 §21.4.1.1). Browsers limit cookies to 400 days anyway. */
const LAST_MOMENT = 8.64e15;

/** Seconds (RFC 6265 §5.2.2); `none` if the attribute must be ignored. */
function readMaxAge(text: string | undefined, browser: CookieBrowser | null): number | "none" | "unsure" {
  if (text === undefined) return "none";
  if (/^-?\d+$/.test(text)) return Number(text);
  // Measured: Chromium accepts a plus sign, Firefox anything that begins with a minus.
  const [chromium, firefox] = [/^\+\d+$/.test(text), text.startsWith("-")];
  if (!chromium && !firefox) return "none";
  if (browser === null) return "unsure";
  if (browser === "chromium") return chromium ? Number(text) : "none";
  return firefox ? -1 : "none";
}

/** Everything before the first `=` is the name; without `=`, everything is the value (RFC 6265bis §5.6). */
function splitPair(pair: string): [name: string, value: string] {
  const at = pair.indexOf("=");
  return at < 0 ? ["", trimBlanks(pair)] : [trimBlanks(pair.slice(0, at)), trimBlanks(pair.slice(at + 1))];
}

function readAttribute(attribute: string): [name: string, value: string] {
  const at = attribute.indexOf("=");
  const [name, value] = at < 0 ? [attribute, ""] : [attribute.slice(0, at), attribute.slice(at + 1)];
  return [trimBlanks(name).toLowerCase(), trimBlanks(value)];
}

/** Spaces and tabs only: in a cookie, other white space is part of the value. */
function trimBlanks(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
