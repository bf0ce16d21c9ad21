/** A `Set-Cookie` line, as browsers read it: the only reader of such lines, in the library and in the panel. */
import { type CookieBrowser, readCookieDate } from "./cookie-date.ts";

/** By whose rules, and by whose clock, the dates of a response's cookies count. */
export interface CookieClock {
  browser: CookieBrowser;
  /** The `Date` of the response less the browser's clock, milliseconds: browsers take that off `Expires`. 0 without a `Date`. */
  aheadMs: number;
}

/** What a line says. Fields that it lacks, or that mean nothing to the browser, are absent. */
export interface SetCookie {
  name: string;
  /** As sent: neither unquoted nor percent-decoded. */
  value: string;
  domain?: string;
  path?: string;
  secure: boolean;
  httpOnly: boolean;
  /** True where it is asked for; otherwise absent. */
  partitioned?: true;
  /** As sent. */
  sameSite?: string;
  /** Seconds; negative ones end the cookie at once, too. */
  maxAge?: number;
  /** The text of `Max-Age`, whatever it is. */
  maxAgeText?: string;
  /** By the browser's clock. */
  expires?: Date;
  /** The text of `Expires`, whatever it is. */
  expiresText?: string;
  /** True when browsers read `Expires` or `Max-Age` differently, and how this one does is not known. */
  isEndUnsure: boolean;
}

/**
 * Reads one line; null for one without a name and a value, which browsers ignore.
 *
 * Of several attributes of one name the last counts, even one that cannot be read (RFC 6265 §5.3).
 *
 * @param clock null: not known, and dates are told where all browsers agree
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
 * When the cookie ends, milliseconds since 1970; null: with the browser, or it is not known (`isEndUnsure`).
 * Max-Age wins over Expires (RFC 6265 §5.3).
 *
 * @param at when the response came
 */
export function endOfSetCookie({ maxAge, expires }: SetCookie, at: number): number | null {
  if (maxAge === undefined) return expires?.getTime() ?? null;
  return maxAge <= 0 ? 0 : Math.min(at + maxAge * 1000, LAST_MOMENT);
}

/** Beyond it there are no dates (ECMA-262 §21.4.1.1). Browsers shorten to 400 days anyway. */
const LAST_MOMENT = 8.64e15;

/** Seconds (RFC 6265 §5.2.2); `none` where it is to be ignored. */
function readMaxAge(text: string | undefined, browser: CookieBrowser | null): number | "none" | "unsure" {
  if (text === undefined) return "none";
  if (/^-?\d+$/.test(text)) return Number(text);
  // Measured: Chromium takes a plus sign, Firefox anything that begins with a minus.
  const [chromium, firefox] = [/^\+\d+$/.test(text), text.startsWith("-")];
  if (!chromium && !firefox) return "none";
  if (browser === null) return "unsure";
  if (browser === "chromium") return chromium ? Number(text) : "none";
  return firefox ? -1 : "none";
}

/** Everything before the first `=` is the name; without one all is the value (RFC 6265bis §5.6). */
function splitPair(pair: string): [name: string, value: string] {
  const at = pair.indexOf("=");
  return at < 0 ? ["", trimBlanks(pair)] : [trimBlanks(pair.slice(0, at)), trimBlanks(pair.slice(at + 1))];
}

function readAttribute(attribute: string): [name: string, value: string] {
  const at = attribute.indexOf("=");
  const [name, value] = at < 0 ? [attribute, ""] : [attribute.slice(0, at), attribute.slice(at + 1)];
  return [trimBlanks(name).toLowerCase(), trimBlanks(value)];
}

/** Spaces and tabs only: to a cookie other white space is text. */
function trimBlanks(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
