/**
 * Cookies as Netscape's `cookies.txt`, which curl and wget read.
 *
 * The format has no place for SameSite, partitions, fractions of a second, or tabs in a name; a comment line before the row
 * carries these, so our own reader loses nothing and every other reader skips it.
 */
import { mapSlices, type Sliced } from "../slices.ts";
import { type Imported, type PortableCookie, sortImported, toPartitionKey, toSameSite } from "./portable.ts";

const HEAD = "# Netscape HTTP Cookie File";
const HTTP_ONLY = "#HttpOnly_";
const EXTRA = "# sessions-devtools: ";

/** One row for each cookie: domain, subdomains, path, secure, expiry in seconds (0: at browser close), name, value. */
export function toNetscape(cookies: readonly PortableCookie[]): string {
  return `${[HEAD, ...cookies.flatMap(toLines)].join("\n")}\n`;
}

/** Reads such a file; invalid rows become problems with their line number. */
export function* parseNetscape(text: string): Sliced<Imported> {
  let extra: Record<string, unknown> = {};
  const read = yield* mapSlices(text.split(/\r?\n/), (line, index) => {
    if (line.startsWith(EXTRA)) {
      extra = readExtra(line.slice(EXTRA.length));
      return null;
    }
    if (line.trim() === "" || (line.startsWith("#") && !line.startsWith(HTTP_ONLY))) return null;
    const cookie = readRow(line, extra);
    extra = {};
    return cookie ?? `Line ${index + 1}: a row needs seven fields, separated by tabs.`;
  });
  return sortImported(read);
}

function toLines(cookie: PortableCookie): string[] {
  const bare = cookie.domain.replace(/^\./, "");
  const seconds = cookie.expiresAt === null ? 0 : Math.floor(cookie.expiresAt / 1000);
  const row = [
    (cookie.httpOnly ? HTTP_ONLY : "") + (cookie.hostOnly ? bare : `.${bare}`),
    cookie.hostOnly ? "FALSE" : "TRUE",
    cookie.path,
    cookie.secure ? "TRUE" : "FALSE",
    String(seconds),
    cookie.name,
    cookie.value,
  ];
  const extra = toExtra(cookie, seconds);
  const text = row.map((field) => field.replace(/[\t\r\n]/g, " ")).join("\t");
  return Object.keys(extra).length === 0 ? [text] : [EXTRA + JSON.stringify(extra), text];
}

/** What the row alone would lose. */
function toExtra(cookie: PortableCookie, seconds: number): Record<string, unknown> {
  const inexact = cookie.expiresAt !== null && cookie.expiresAt !== seconds * 1000;
  return {
    ...(cookie.sameSite === "unspecified" ? {} : { sameSite: cookie.sameSite }),
    ...(cookie.partitionKey ? { partitionKey: cookie.partitionKey } : {}),
    ...(inexact || cookie.expiresAt === 0 ? { expiresAt: cookie.expiresAt } : {}),
    ...(/[\t\r\n]/.test(cookie.name) ? { name: cookie.name } : {}),
    ...(/[\t\r\n]/.test(cookie.value) ? { value: cookie.value } : {}),
    ...(/[\t\r\n]/.test(cookie.path) ? { path: cookie.path } : {}),
    ...(cookie.hostOnly || cookie.domain.startsWith(".") ? {} : { domain: cookie.domain }),
  };
}

function readExtra(text: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null ? { ...parsed } : {};
  } catch {
    return {}; // someone else's comment that happens to begin like ours
  }
}

function readRow(line: string, extra: Record<string, unknown>): PortableCookie | null {
  const httpOnly = line.startsWith(HTTP_ONLY);
  const fields = (httpOnly ? line.slice(HTTP_ONLY.length) : line).split("\t");
  const [domain, subdomains, path, secure, expiry, name, ...rest] = fields;
  if (domain === undefined || path === undefined || name === undefined || rest.length === 0) return null;
  const seconds = Number(expiry);
  if (!Number.isFinite(seconds)) return null;
  const text = (key: string, otherwise: string) => (typeof extra[key] === "string" ? extra[key] : otherwise);
  return {
    name: text("name", name),
    value: text("value", rest.join("\t")), // a tab in another program's value belongs to the value
    domain: text("domain", domain),
    hostOnly: subdomains?.toUpperCase() !== "TRUE",
    path: text("path", path),
    secure: secure?.toUpperCase() === "TRUE",
    httpOnly,
    sameSite: toSameSite(extra["sameSite"]),
    expiresAt:
      typeof extra["expiresAt"] === "number" ? extra["expiresAt"] : seconds === 0 ? null : seconds * 1000,
    partitionKey: toPartitionKey(extra["partitionKey"]),
  };
}
