/** Reads a cookie that a response sets: its attributes, and its value. */
import type { ServerResponse } from "node:http";
import { parseSetCookie } from "set-cookie-parser";
import type { ObservedCookie } from "../../core/observers/observer.ts";

/** A cookie among a response's headers. */
interface SentCookie {
  observed: ObservedCookie;
  /** As it was sent, not percent-decoded; empty for a cookie that is deleted. */
  value: string;
}

/** The last cookie of this name that a response sets whose head is written; null when it sets none. */
export function readSetCookie(response: ServerResponse, name: string): SentCookie | null {
  const cookies = parseSetCookie(readLines(response), { decodeValues: false, silent: true, split: false });
  const sent = cookies.findLast((cookie) => cookie.name === name);
  if (sent === undefined) return null;
  const maxAge = sent.maxAge ?? null;
  const expiresAtMs = sent.expires?.getTime() ?? null;
  const isGone = maxAge === null ? expiresAtMs !== null && expiresAtMs <= Date.now() : maxAge <= 0;
  const observed: ObservedCookie = {
    name,
    action: isGone ? "deleted" : "set",
    maxAge,
    expiresAtMs,
    path: sent.path ?? "/",
    domain: sent.domain ?? null,
    secure: sent.secure ?? false,
    httpOnly: sent.httpOnly ?? false,
    sameSite: sent.sameSite ?? null,
  };
  return { observed, value: sent.value };
}

/** The Set-Cookie lines. Those of headers that went straight into `writeHead`, as Fastify's do, are only in the head's text. */
function readLines(response: ServerResponse): string[] {
  const header = response.getHeader("set-cookie");
  if (Array.isArray(header)) return header;
  if (typeof header === "string") return [header];
  const head = "_header" in response && typeof response._header === "string" ? response._header : "";
  return head
    .split("\r\n")
    .flatMap((line) => (/^set-cookie:/i.test(line) ? [line.slice("set-cookie:".length).trim()] : []));
}
