/** A request of the tab as readings see it: when it ran, and what its response did to the session's cookie. */
import { type EpochMs, endOfSetCookie, parseSetCookie } from "session-bridge/protocol";
import type { NetworkRequest } from "../../messages/network-request.ts";
import type { Answer, CookieSet } from "./known.ts";

/**
 * A response is reported within this time of its last byte. One that is reported later, for example to a panel that has just
 * opened, ended by then.
 */
const TOLD_WITHIN_MS = 1000;
/** Two witnesses measure a request: the start from one and the length from the other may be off by half of this. */
const WITNESSES_MS = 100;

/**
 * @param names the session cookie's possible names
 * @param before what was known of it; the time when its cookies were reported stays
 */
export function toAnswer(
  request: NetworkRequest,
  names: readonly string[],
  before: Answer | undefined,
  now: EpochMs,
): Answer {
  const { id, at, method, url, status, error, durationMs, setCookies } = request;
  const isAnswered = status !== null && status > 0;
  const sets = setsOf(request, names);
  const isKnown = before !== undefined && before.sets.length === sets.length;
  const measured = durationMs === null ? now : at + durationMs;
  const toldAt = (isKnown ? before.toldAt : null) ?? Math.min(now, measured + TOLD_WITHIN_MS);
  const isOver = isAnswered || error !== null;
  return {
    id,
    startedAt: at,
    toldAt: isOver ? toldAt : null,
    endedAt: isOver ? Math.min(toldAt, measured + WITNESSES_MS) : null,
    sets,
    isBareRedirect: isAnswered && status >= 300 && status < 400 && status !== 304 && setCookies.length === 0,
    isFailed: error !== null && !isAnswered,
    method,
    path: URL.canParse(url) ? new URL(url).pathname : "",
  };
}

function setsOf({ setCookies, cookieClock, at }: NetworkRequest, names: readonly string[]): CookieSet[] {
  return setCookies.flatMap((line) => {
    const cookie = parseSetCookie(line, cookieClock ?? null);
    if (cookie === null || !names.includes(cookie.name)) return [];
    const end = endOfSetCookie(cookie, at);
    const isOver = end !== null && end <= at;
    const maxAgeMs = cookie.maxAge === undefined ? null : cookie.maxAge * 1000;
    return [{ value: isOver ? "" : cookie.value, maxAgeMs }];
  });
}
