/**
 * Cookies that a library splits when they are too long for one: NAME.0, NAME.1 and so on, joined in order.
 *
 * @source iron-session 9, readSeal; @auth/core, lib/utils/cookie.ts, SessionStore
 */
import type { ServerResponse } from "node:http";
import type { Joining } from "../../protocol/messages.ts";
import { readCookies } from "./request-cookie.ts";
import { readSetCookie, readSetCookies } from "./set-cookie.ts";

/** More than any library writes; a request's header has room for fewer. */
const MAX_CHUNKS = 100;

/** The cookie NAME of a request and its chunks, joined as the library does; empty if there are none. */
export function readChunkedCookie(
  header: string | undefined,
  name: string,
  joining: Joining = "whole",
): string {
  return joinChunks(readCookies(header), name, joining);
}

/**
 * What the client shows after this response: the cookies that it had, changed by those that the response sets. Null if the
 * response sets none of them.
 */
export function readIssuedChunks(
  response: ServerResponse,
  header: string | undefined,
  name: string,
  joining: Joining = "whole",
): string | null {
  const set = [...readSetCookies(response).keys()].filter((each) => isPart(each, name));
  if (set.length === 0) return null;
  const held = readCookies(header);
  for (const each of set) {
    const sent = readSetCookie(response, each);
    if (sent === null || sent.observed.action === "deleted") held.delete(each);
    else held.set(each, sent.value);
  }
  return joinChunks(held, name, joining);
}

/** True if a request shows two values of the cookie or of a chunk, of which some code reads the first and some the last. */
export function isRepeated(header: string | undefined, name: string): boolean {
  const first = readCookies(header);
  const last = readCookies((header ?? "").split(";").reverse().join(";"));
  return [...first].some(([each, value]) => isPart(each, name) && last.get(each) !== value);
}

/** The name of the cookie that tells what the response does to the session: the whole one or the first chunk that it sets. */
export function nameOfIssued(response: ServerResponse, name: string): string {
  const sent = [...readSetCookies(response)].filter(([each]) => isPart(each, name));
  return (sent.find(([, value]) => value !== "") ?? sent[0])?.[0] ?? name;
}

function joinChunks(cookies: ReadonlyMap<string, string>, name: string, joining: Joining): string {
  let joined = cookies.get(name) ?? "";
  if (joined !== "" && joining === "whole") return joined;
  for (let index = 0; index < MAX_CHUNKS; index += 1) {
    const chunk = cookies.get(`${name}.${index}`);
    if (!chunk && joining === "whole") break;
    joined += chunk ?? "";
  }
  return joined;
}

function isPart(each: string, name: string): boolean {
  return each === name || (each.startsWith(`${name}.`) && /^\d{1,3}$/.test(each.slice(name.length + 1)));
}
