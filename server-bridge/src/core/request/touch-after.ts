/**
 * `touchAfter`: with `saveEveryRequest`, a session that a request has not changed is saved, and its cookie sent, only if
 * that moves its expiry by as much. Row and cookie are renewed together, so one tells how old the other is.
 */
import { carriedAge, endOfSaved } from "../django/deadlines.ts";
import { endsAtBrowserClose, expiryAge, expiryIn } from "../django/expiry.ts";
import { load } from "../session/load.ts";
import type { SessionState } from "../session/state.ts";

/**
 * True if the session, which must be loaded or be loadable now, was saved so recently that it need not be saved again.
 *
 * A session whose own age (`setExpiry`) is not longer than `touchAfter` is never fresh: it would end while it is used. One
 * that ends on a date always is, because a save does not move that, unless it ends sooner when it is not used.
 *
 * @param cookie the key in the request's cookie: a session with another key has to send its own
 */
export function isFresh(state: SessionState, cookie: string | undefined): boolean {
  const { engine, settings, clock } = state.context;
  if (settings.touchAfter === 0 || state.modified || state.wasSaved) return false;
  const { base } = state.data ?? load(state);
  const endsAtMs = state.end?.expiresAtMs ?? null;
  if (state.modified || state.key === null || state.key !== cookie || endsAtMs === null) return false;
  const isCarried = engine.keeping === "carried"; // its time counts from the signature, whatever the data says
  const expiry = expiryIn(base);
  const isDated = !isCarried && typeof expiry === "string" && expiry !== "";
  if (isDated && settings.idleAge === null) return true;
  const nowMs = clock();
  if (!isDated && expiryAge(expiry, nowMs, settings) <= settings.touchAfter) return false;
  const nextMs = isCarried
    ? nowMs + carriedAge(settings) * 1000
    : endOfSaved(base, nowMs, settings).expiresAtMs;
  return Math.abs(nextMs - endsAtMs) < settings.touchAfter * 1000;
}

/**
 * True if a WebSocket handshake saves a session that it has not changed. It cannot send a cookie, so it leaves one that
 * expires, and its row, to the next request.
 */
export function isTouchedByHandshake(state: SessionState, cookie: string | undefined): boolean {
  const { settings } = state.context;
  if (!settings.saveEveryRequest || settings.touchAfter === 0) return settings.saveEveryRequest;
  return endsAtBrowserClose(expiryIn((state.data ?? load(state)).base), settings) && !isFresh(state, cookie);
}
