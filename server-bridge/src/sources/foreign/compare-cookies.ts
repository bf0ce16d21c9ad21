/**
 * Compares the session cookies of one request and its response with the id that the library itself gave the session.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { readCookies } from "./request-cookie.ts";
import { readSetCookies } from "./set-cookie.ts";
import type { SettingsMatch } from "./settings-match.ts";

interface CompareOptions {
  request: IncomingMessage;
  response: ServerResponse;
  /** The cookie name that the bridge reads. */
  name: string;
  /** The id in a raw value, its signature unchecked; null if it does not have the form. */
  idIn(value: string): string | null;
  /** True for the id of the session that the library gave this request. */
  isOwn(id: string): boolean;
  /** The id in a raw value whose signature the bridge accepts. */
  keyOf(value: string): string | null;
  /**
   * True if an id in an incoming cookie can be the request's own only because the library has accepted that cookie.
   * Otherwise only cookies that the response sets count.
   */
  countsShown: boolean;
  match: SettingsMatch;
}

/** Reports what the cookies show: that the bridge accepts the library's own, refuses it, or reads another name. */
export function compareCookies(options: CompareOptions): void {
  const { request, response, name, idIn, isOwn, keyOf, countsShown, match } = options;
  const shown = readCookies(request.headers.cookie);
  const set = readSetCookies(response);
  const isSession = (value: string | undefined): value is string => {
    const id = value === undefined ? null : idIn(value);
    return id !== null && isOwn(id);
  };
  const ours = [shown.get(name), set.get(name)].filter(isSession);
  for (const value of ours) {
    if (keyOf(value) !== null) match.agreed();
    else if (countsShown || value === set.get(name)) match.refused();
  }
  if (ours.length > 0) return;
  // an app may also sign its session's id into another cookie: then there are several
  const others = [...(countsShown ? shown : set)].filter(([, value]) => isSession(value));
  if (others.length > 0) match.named(others.length === 1 ? (others[0]?.[0] ?? null) : null);
}
