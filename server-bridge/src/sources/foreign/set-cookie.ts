/** Reads a cookie that a response sets: its attributes, and its value. */
import type { ServerResponse } from "node:http";
import type { ObservedCookie } from "../../core/observers/observer.ts";
import { endOfSetCookie, parseSetCookie } from "../../protocol/set-cookie.ts";

/** A cookie among a response's headers. */
interface SentCookie {
  observed: ObservedCookie;
  /** As it was sent, not percent-decoded; empty for a cookie that is being deleted. */
  value: string;
}

/** The last cookie of this name that a response with a written head sets; null if it sets none. */
export function readSetCookie(response: ServerResponse, name: string): SentCookie | null {
  const sent = parseLines(response).findLast((cookie) => cookie?.name === name);
  if (!sent) return null;
  const now = Date.now();
  const end = endOfSetCookie(sent, now);
  const observed: ObservedCookie = {
    name,
    action: end !== null && end <= now ? "deleted" : "set",
    maxAge: sent.maxAge ?? null,
    expiresAtMs: sent.expires?.getTime() ?? null,
    path: sent.path ?? "/",
    domain: sent.domain ?? null,
    secure: sent.secure,
    httpOnly: sent.httpOnly,
    sameSite: sent.sameSite ?? null,
  };
  return { observed, value: sent.value };
}

/** The value of every cookie that a response sets, as it was sent. */
export function readSetCookies(response: ServerResponse): Map<string, string> {
  return new Map(parseLines(response).flatMap((sent) => (sent ? [[sent.name, sent.value]] : [])));
}

function parseLines(response: ServerResponse) {
  // Which browser made the request is not known: dates are read by the standard, which Chromium follows.
  return readLines(response).map((line) => parseSetCookie(line, { browser: "chromium", aheadMs: 0 }));
}

/**
 * The Set-Cookie lines. Headers that were passed straight to `writeHead`, as Fastify does, are only in the head's text.
 */
function readLines(response: ServerResponse): string[] {
  const header = response.getHeader("set-cookie");
  if (Array.isArray(header)) return header;
  if (typeof header === "string") return [header];
  const head = "_header" in response && typeof response._header === "string" ? response._header : "";
  return head
    .split("\r\n")
    .flatMap((line) => (/^set-cookie:/i.test(line) ? [line.slice("set-cookie:".length).trim()] : []));
}
