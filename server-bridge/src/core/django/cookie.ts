/**
 * Reads and writes cookies as Django does: the `Cookie` header, the session's `Set-Cookie` lines, `Vary`, HTTP dates.
 *
 * @source django/http/cookie.py parse_cookie, Python's http/cookies.py, django/http/response.py set_cookie
 */
import { PREFIX } from "../errors.ts";
import { isNone, isSameSite } from "./cookie-settings.ts";

/** What a Set-Cookie line says in addition to name and value. */
interface CookieAttributes {
  domain?: string | null;
  /** A formatted HTTP date. */
  expires?: string | null;
  httpOnly?: boolean;
  /** Whole seconds. */
  maxAge?: number | null;
  partitioned?: boolean;
  path?: string | null;
  sameSite?: string | null;
  secure?: boolean;
}

const PLAIN_VALUE = /^[A-Za-z0-9!#$%&'*+\-.^_`|~:]+$/;
/** Characters below 256 that Python writes as an octal escape inside quotes. */
const ESCAPED = /[^A-Za-z0-9!#$%&'*+\-.^_`|~: ()/<=>?@[\]{}\u0100-\uffff]/g;
const EPOCH_DATE = "Thu, 01 Jan 1970 00:00:00 GMT";

/**
 * The value of cookie `name` in a `Cookie` header in the common case: the name occurs once, at the beginning of a pair,
 * and its value is neither quoted nor spaced. Undefined: there is no such cookie. Null: `visitCookies` has to look.
 */
export function readAlone(header: string | undefined, name: string): string | null | undefined {
  if (header === undefined) return undefined;
  const at = header.indexOf(name);
  if (at === -1) return undefined;
  const valueAt = at + name.length + 1;
  if (header[valueAt - 1] !== "=" || header.includes(name, valueAt)) return null;
  if (at > 0 && !(header[at - 1] === " " && header[at - 2] === ";")) return null;
  const next = header.indexOf(";", valueAt);
  const value = header.slice(valueAt, next === -1 ? header.length : next);
  return /["\s]/.test(value) ? null : value;
}

/** Every cookie in a `Cookie` header. A piece without `=` is the value of the nameless cookie. */
export function parseCookies(header: string): Map<string, string> {
  const cookies = new Map<string, string>();
  visitCookies(header, (key, value) => cookies.set(key, value));
  return cookies;
}

/** Formats `name=value` and its attributes, in Django's order. Throws a RangeError for an invalid SameSite. */
export function formatCookie(name: string, value: string, attributes: CookieAttributes): string {
  const { domain, expires, httpOnly, maxAge, partitioned, path, sameSite, secure } = attributes;
  if (sameSite && !isSameSite(sameSite)) throw new RangeError(sameSiteMessage(sameSite));
  let line = `${name}=${quoteValue(value)}`;
  if (domain) line += `; Domain=${domain}`;
  if (expires) line += `; expires=${expires}`;
  if (httpOnly) line += "; HttpOnly";
  if (maxAge !== null && maxAge !== undefined) line += `; Max-Age=${maxAge}`;
  if (partitioned) line += "; Partitioned"; // here in Python 3.14
  if (path) line += `; Path=${path}`;
  if (sameSite) line += `; SameSite=${sameSite}`;
  if (secure) line += "; Secure";
  return line;
}

/** The line that makes a browser delete a cookie. Django derives `Secure` from the name and SameSite alone. */
export function formatDeletion(
  name: string,
  {
    secure,
    sameSite,
    ...attributes
  }: Pick<CookieAttributes, "domain" | "httpOnly" | "partitioned" | "path" | "sameSite" | "secure">,
): string {
  return formatCookie(name, "", {
    ...attributes,
    expires: EPOCH_DATE,
    maxAge: 0,
    sameSite: sameSite ?? null,
    secure: secure === true || /^__(?:Secure|Host)-/.test(name) || isNone(sameSite),
  });
}

/** What is wrong with a SameSite value, and what to do. */
function sameSiteMessage(sameSite: string): string {
  return `${PREFIX}cookieSameSite is ${JSON.stringify(sameSite)}. Pass "Lax", "Strict", "None", or null for no attribute.`;
}

/** The HTTP date of whole seconds since 1970. */
export function toHttpDate(seconds: number): string {
  if (seconds !== dateSeconds) {
    dateSeconds = seconds;
    dateText = new Date(seconds * 1000).toUTCString();
  }
  return dateText;
}
/** Requests in the same second share one expiry date; formatting it takes longer than the rest of the line. */
let dateSeconds = 0;
let dateText = EPOCH_DATE;

/** Returns `Vary` with `Cookie` added to it. */
export function addVaryCookie(vary: string | null): string {
  if (vary === null || vary === "Cookie") return "Cookie";
  const names = vary.split(",").map((name) => name.trim());
  if (names.includes("*")) return "*";
  if (names.some((name) => name.toLowerCase() === "cookie")) return names.join(", ");
  return [...names, "Cookie"].join(", ");
}

/** Calls `visit` for each cookie of a `Cookie` header, in its order, with the value unquoted. */
export function visitCookies(header: string, visit: (name: string, value: string) => void): void {
  let equals = -2; // the first one from `start` on; -1: there are no more, and it is not searched for again
  for (let start = 0; start <= header.length; ) {
    const next = header.indexOf(";", start);
    const end = next === -1 ? header.length : next;
    if (equals !== -1 && equals < start) equals = header.indexOf("=", start);
    const named = equals !== -1 && equals < end;
    const name = named ? header.slice(start, equals).trim() : "";
    const value = header.slice(named ? equals + 1 : start, end).trim();
    if (name !== "" || value !== "") visit(name, unquote(value));
    start = end + 1;
  }
}

function unquote(value: string): string {
  if (value.length < 2 || value[0] !== '"' || !value.endsWith('"')) return value;
  return value
    .slice(1, -1)
    .replace(
      /\\(?:([0-3][0-7][0-7])|(.))/gs,
      (_, octal: string | undefined, character: string | undefined) =>
        octal === undefined ? (character ?? "") : String.fromCharCode(Number.parseInt(octal, 8)),
    );
}

function quoteValue(value: string): string {
  if (PLAIN_VALUE.test(value)) return value;
  const inside = value.replace(ESCAPED, (character) => {
    if (character === '"' || character === "\\") return `\\${character}`;
    return `\\${character.charCodeAt(0).toString(8).padStart(3, "0")}`;
  });
  return `"${inside}"`;
}
