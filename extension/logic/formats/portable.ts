/** The cookie that every format carries: only fields that a browser can take back, not the ones that it makes up itself. */
import type { PartitionKey, SameSite, TabCookie } from "../../messages/tab-cookie.ts";

/** A cookie without the browser's own bookkeeping (`id`, `storeId`, what it was recognised as). */
export interface PortableCookie {
  name: string;
  value: string;
  /** With a leading dot for domain cookies, as Chrome writes it; without one if host-only. */
  domain: string;
  hostOnly: boolean;
  path: string;
  secure: boolean;
  httpOnly: boolean;
  sameSite: SameSite;
  /** Milliseconds since 1970; null for cookies that end when the browser closes. */
  expiresAt: number | null;
  partitionKey: PartitionKey | null;
}

/** The result of reading a text: the cookies, and a sentence for each piece that could not be read. */
export interface Imported {
  cookies: PortableCookie[];
  /** The first ones; a last sentence says how many more there are. */
  problems: string[];
}

/** The most problems that are kept, and the longest part of a name that is shown in one. */
const MAX_PROBLEMS = 20;
const MAX_NAME = 60;

/** Sorts the pieces that were read into cookies and sentences; null stands for a piece that is neither. */
export function sortImported(read: readonly (PortableCookie | string | null)[]): Imported {
  const cookies: PortableCookie[] = [];
  const problems: string[] = [];
  let more = 0;
  for (const one of read) {
    if (one === null) continue;
    if (typeof one !== "string") cookies.push(one);
    else if (problems.length < MAX_PROBLEMS) problems.push(one);
    else more += 1;
  }
  if (more > 0) problems.push(`${more} more could not be read.`);
  return { cookies, problems };
}

/** A cookie's name as a sentence shows it. */
export function quoteName(name: string): string {
  return `“${name.length > MAX_NAME ? `${name.slice(0, MAX_NAME)}…` : name}”`;
}

const SAME_SITES: readonly string[] = ["unspecified", "lax", "strict", "no_restriction"];

/** The portable fields of a tab's cookie. */
export function toPortable(cookie: TabCookie): PortableCookie {
  const { name, value, domain, hostOnly, path, secure, httpOnly, sameSite, expiresAt, partitionKey } = cookie;
  return { name, value, domain, hostOnly, path, secure, httpOnly, sameSite, expiresAt, partitionKey };
}

/** A file's `sameSite` in this browser's words; anything unknown is `unspecified`. */
export function toSameSite(text: unknown): SameSite {
  if (typeof text !== "string") return "unspecified";
  const word = text.toLowerCase() === "none" ? "no_restriction" : text.toLowerCase();
  return SAME_SITES.includes(word) ? (word as SameSite) : "unspecified"; // checked against the list
}

/** A partition key from a parsed JSON value, or null if it is not one. */
export function toPartitionKey(value: unknown): PartitionKey | null {
  if (typeof value !== "object" || value === null) return null;
  const found: Record<string, unknown> = { ...value };
  const { topLevelSite, hasCrossSiteAncestor } = found;
  if (typeof topLevelSite !== "string") return null;
  return typeof hasCrossSiteAncestor === "boolean"
    ? { topLevelSite, hasCrossSiteAncestor }
    : { topLevelSite };
}
