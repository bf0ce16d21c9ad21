/**
 * The settings of the session's cookie, and what browsers do not keep of it, whatever the request. Such settings fail at
 * start, because what follows from them, a login that does not last, names no cause.
 *
 * @source RFC 6265bis §5.6 and §5.7; each rule measured with Chromium 156 and Firefox 153
 */

/** A SameSite attribute; null writes none. */
export type SameSite = "Lax" | "Strict" | "None" | null;

/**
 * The SameSite of the response to this request: the framework's own request object (Express's and Fastify's request,
 * Koa's `ctx.request`, the `Request` of Hono and fetch). Declared as a method, so that its argument may have that type.
 */
export type SameSiteOf = { of(request: object): SameSite }["of"];

/** What one response's cookie is made of, besides the key and the expiry. */
export interface CookieSettings {
  readonly cookieName: string;
  readonly cookieDomain: string | null;
  readonly cookiePath: string;
  readonly cookieSecure: boolean;
  readonly cookieHttpOnly: boolean;
  readonly cookieSameSite: string | null;
  readonly cookiePartitioned: boolean;
}

/** The same before there is a request: two of them may depend on it. */
export interface UndecidedCookie extends Omit<CookieSettings, "cookieSecure" | "cookieSameSite"> {
  /** `auto`: as the request came. */
  readonly cookieSecure: boolean | "auto";
  readonly cookieSameSite: string | null | SameSiteOf;
}

/** What is wrong, and what to do: two sentences without their full stops. */
type Fault = readonly [what: string, remedy: string];

/** The characters that RFC 6265 allows in a cookie's name. */
const NAME = /^[A-Za-z0-9!#$%&'*+\-.^_`|~]+$/;
/** A host or an address, as in a URL. The dot before it means nothing (RFC 6265 §5.2.3). */
const DOMAIN = /^\.?(?:[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[\da-f:.]+\])$/i;
/** The characters that an attribute's value may contain without ending it. */
const ATTRIBUTE = /^[\x20-\x3a\x3c-\x7e]*$/;
/** Name and value together. */
const MAX_PAIR_BYTES = 4096;
const KEY_BYTES = 32;
/** A longer attribute is ignored. */
const MAX_ATTRIBUTE_BYTES = 1024;

/** The first fault of the cookie that these settings make; null if there is none. */
export function findCookieFault(cookie: UndecidedCookie): Fault | null {
  for (const rule of [nameFault, domainFault, pathFault, sameSiteFault, prefixFault, insecureFault]) {
    const fault = rule(cookie);
    if (fault !== null) return fault;
  }
  return null;
}

/** True for `Lax`, `Strict` and `None` in any case, and for null, which writes no attribute. */
export function isSameSite(value: unknown): value is string | null {
  return value === null || (typeof value === "string" && /^(?:lax|strict|none)$/i.test(value));
}

/** True for a SameSite that browsers accept only together with Secure. */
export function isNone(sameSite: unknown): boolean {
  return typeof sameSite === "string" && sameSite.toLowerCase() === "none";
}

/** The beginning of a name that browsers hold to rules, in small letters, as they compare it; null if it has none. */
export function prefixOf(name: string): string | null {
  return /^__(?:host-http-|host-|http-|secure-)/.exec(name.toLowerCase())?.[0] ?? null;
}

function nameFault({ cookieName: name }: UndecidedCookie): Fault | null {
  if (typeof name !== "string" || !NAME.test(name))
    return [`cookieName is ${show(name)}`, 'Pass a name without spaces or separators, like "sessionid"'];
  if (name.length + KEY_BYTES <= MAX_PAIR_BYTES) return null;
  return [
    `cookieName is ${name.length} bytes long, and browsers refuse a cookie whose name and value are over ${MAX_PAIR_BYTES}`,
    'Pass a short name, like "sessionid"',
  ];
}

function domainFault({ cookieDomain: domain }: UndecidedCookie): Fault | null {
  if (domain === null || domain === "") return null; // as in Django, neither writes an attribute
  const remedy = 'Pass a domain like "example.com", or null for this host only';
  if (typeof domain !== "string" || domain.length > MAX_ATTRIBUTE_BYTES)
    return ["cookieDomain is not a domain", remedy];
  if (DOMAIN.test(domain)) return null;
  return [
    `cookieDomain is ${show(domain)}, which browsers refuse: a domain has no scheme, port, path, space or wildcard`,
    remedy,
  ];
}

function pathFault({ cookiePath: path }: UndecidedCookie): Fault | null {
  if (typeof path !== "string" || !ATTRIBUTE.test(path))
    return [`cookiePath is ${show(path)}`, 'Pass a path like "/"'];
  if (!path.startsWith("/"))
    return [
      `cookiePath is ${show(path)}. Browsers ignore a path that does not begin with "/", and keep one cookie for each folder of the site`,
      `Pass ${show(`/${path}`)}`,
    ];
  if (path.length <= MAX_ATTRIBUTE_BYTES) return null;
  return [
    `cookiePath is ${path.length} bytes long, and browsers ignore a path over ${MAX_ATTRIBUTE_BYTES}`,
    'Pass a shorter path, like "/"',
  ];
}

function sameSiteFault({ cookieSameSite: sameSite }: UndecidedCookie): Fault | null {
  if (isSameSite(sameSite) || typeof sameSite === "function") return null;
  return [
    `cookieSameSite is ${show(sameSite)}`,
    'Pass "Lax", "Strict", "None", null for no attribute, or a function of the request that returns one of these',
  ];
}

function prefixFault(cookie: UndecidedCookie): Fault | null {
  const { cookieName, cookieDomain, cookieHttpOnly, cookiePath } = cookie;
  const prefix = prefixOf(cookieName);
  if (prefix === null) return null;
  const begins = `cookieName is ${show(cookieName)}, and browsers refuse a name that begins with ${cookieName.slice(0, prefix.length)}`;
  if (isInsecure(cookie)) return [`${begins} without Secure${overHttp(cookie)}`, SECURE_REMEDY];
  if (prefix.endsWith("http-") && !cookieHttpOnly)
    return [`${begins} without HttpOnly`, "Leave cookieHttpOnly out, or choose another name"];
  if (!prefix.startsWith("__host-")) return null;
  if (cookieDomain)
    return [`${begins} with a Domain`, 'Leave cookieDomain out, or begin the name with "__Secure-"'];
  if (cookiePath === "/") return null;
  return [
    `${begins} with the Path ${show(cookiePath)}`,
    'Leave cookiePath out, or begin the name with "__Secure-"',
  ];
}

function insecureFault(cookie: UndecidedCookie): Fault | null {
  if (!isInsecure(cookie)) return null;
  if (cookie.cookiePartitioned)
    return [
      `cookiePartitioned is true, and browsers refuse Partitioned without Secure${overHttp(cookie)}`,
      SECURE_REMEDY,
    ];
  if (!isNone(cookie.cookieSameSite)) return null;
  return [
    `cookieSameSite is ${show(cookie.cookieSameSite)}, and browsers refuse SameSite=None without Secure${overHttp(cookie)}`,
    SECURE_REMEDY,
  ];
}

const SECURE_REMEDY = "Pass cookieSecure: true, which browsers accept over https and on http://localhost";

/** With "auto", the cookie would be refused over http, where `true` works at least on this machine. */
function isInsecure({ cookieSecure }: UndecidedCookie): boolean {
  return cookieSecure === false || cookieSecure === "auto";
}

function overHttp({ cookieSecure }: UndecidedCookie): string {
  return cookieSecure === "auto" ? ', which cookieSecure: "auto" leaves out over http' : "";
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}
