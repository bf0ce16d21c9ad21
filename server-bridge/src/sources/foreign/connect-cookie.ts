/**
 * How express-session and similar libraries write a session's id into a cookie, and its expiry into the session.
 *
 * @source express-session's README: `s:` + id + `.` + signature
 */
import { signId, splitId, unsignId } from "../../core/signing/signed-id.ts";
import { decodeText } from "../../protocol/secrets/index.ts";
import type { ForeignData } from "./follow-request.ts";

/** `s:id.signature`, before it is percent-encoded into the cookie. */
export function signConnectId(id: string, secret: string): string {
  return `s:${signId(id, secret)}`;
}

/** The id in a raw cookie value if its signature is right for one of the secrets, otherwise null. */
export function unsignConnectId(cookie: string, secrets: readonly string[]): string | null {
  const text = decodeConnectCookie(cookie);
  return text === null ? null : unsignId(text, secrets);
}

/** The id in a raw cookie value, its signature unchecked; null if there is none. */
export function readConnectId(cookie: string): string | null {
  return splitId(decodeConnectCookie(cookie) ?? "");
}

function decodeConnectCookie(cookie: string): string | null {
  const isQuoted = cookie.length > 1 && cookie.startsWith('"') && cookie.endsWith('"'); // by versions of npm's cookie before 1.0
  const text = decodeText(isQuoted ? cookie.slice(1, -1) : cookie);
  return text.startsWith("s:") ? text.slice(2) : null;
}

/** `id.signature`, as @fastify/cookie signs. */
export function signFastifyId(id: string, secret: string): string {
  return signId(id, secret);
}

/** Like `unsignConnectId`, without the `s:`. */
export function unsignFastifyId(cookie: string, secrets: readonly string[]): string | null {
  return unsignId(decodeText(cookie), secrets);
}

/** Like `readConnectId`, without the `s:`. */
export function readFastifyId(cookie: string): string | null {
  return splitId(decodeText(cookie));
}

/** The developer's data: the session without the library's own `cookie`. */
export function toConnectJson(data: ForeignData): string {
  const { cookie: _, ...own } = data;
  return JSON.stringify(own);
}

/**
 * The session as one string for comparison: without `cookie.expires`, which every request of a rolling session moves.
 * The expiry is kept separately.
 */
export function toConnectStored(data: ForeignData): string {
  const { expires: _, _expires: __, ...cookie } = readCookieData(data);
  return JSON.stringify({ ...data, cookie });
}

/** The reverse: a session with its expiry in it. */
export function fromConnectStored(stored: string, expiresAtMs: number | null): ForeignData {
  const data: ForeignData = JSON.parse(stored);
  const expires = expiresAtMs === null ? null : new Date(expiresAtMs).toISOString();
  return { ...data, cookie: { ...readCookieData(data), expires } };
}

/** When the session expires, by its own `cookie.expires`; null if it lasts until the browser closes. */
export function readConnectEnd(data: ForeignData): number | null {
  const expires = readCookieData(data)["expires"] ?? readCookieData(data)["_expires"];
  const moment =
    expires instanceof Date
      ? expires.getTime()
      : typeof expires === "string"
        ? Date.parse(expires)
        : Number.NaN;
  return Number.isNaN(moment) ? null : moment;
}

/** The library's `cookie` in a session, as plain data. */
export function readCookieData(data: ForeignData): ForeignData {
  const { cookie } = data;
  return typeof cookie === "object" && cookie !== null ? { ...cookie } : {};
}
