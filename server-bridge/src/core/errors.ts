/** The errors of this package. They are recognised by `code`, never by text or by `instanceof` across packages. */
import { types } from "node:util";

/**
 * What went wrong:
 * - `settings`: an option or a driver is missing or wrong; thrown at construction, with the remedy.
 * - `not-loaded`: the session was touched before `await session.load()` (engines that cannot load synchronously).
 * - `key-taken`: `save({ mustCreate: true })` met a session that is already there (Django's CreateError).
 * - `session-gone`: the session was deleted while it was in use (Django's UpdateError, SessionInterrupted).
 * - `key-missing`: `deleteTestCookie` without a test cookie (Python's KeyError).
 * - `bad-key`: the engine refuses this form of key (Django's InvalidSessionKey).
 * - `expiry`: the expiry gives no moment: a text of another form, NaN, too far away (Python's ValueError, OverflowError).
 * - `expiry-zone`: the stored expiry has an offset where the settings want none, or none where they want one (TypeError).
 * - `too-large`: the session does not fit where it has to go (a cookie's 4096 bytes).
 * - `too-late`: the session was changed when the response's head was already sent, or another had replaced it.
 * - `engine`: the store failed; `cause` says how.
 */
export type SessionErrorCode =
  | "settings"
  | "not-loaded"
  | "key-taken"
  | "session-gone"
  | "key-missing"
  | "bad-key"
  | "expiry"
  | "expiry-zone"
  | "too-large"
  | "too-late"
  | "engine";

/** Every error that this package throws, but for a TypeError where a name of the API is assigned to. */
export class SessionError extends Error {
  override readonly name = "SessionError";
  readonly code: SessionErrorCode;

  constructor(code: SessionErrorCode, message: string, options?: { cause?: unknown }) {
    super(`[sessions] ${message}`, options);
    this.code = code;
  }
}

/**
 * The `code` that an error of Node or of a driver carries; empty without one.
 *
 * `instanceof Error` would miss errors of another realm: for code that Jest runs, those of Node's own modules are.
 */
export function codeOf(error: unknown): string {
  return typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
}

/** What an error says, or whatever else was thrown as text. */
export function messageOf(error: unknown): string {
  return error instanceof Error || types.isNativeError(error) ? error.message : String(error);
}

/** The error of a change that nothing stores any more. @param key `*`: of the whole session */
export function tooLate(key: string, isReplaced: boolean): SessionError {
  const reason = isReplaced
    ? "after regenerate, which made another session. Use that one: read request.session again"
    : "when the response was already sent, so the change is lost. Change it before";
  return new SessionError("too-late", `The session was changed (${JSON.stringify(key)}) ${reason}.`);
}

/** True for an error of this package with that code, also when another copy of the package threw it. */
export function isSessionError(error: unknown, code?: SessionErrorCode): error is SessionError {
  if (!types.isNativeError(error) || error.name !== "SessionError" || !("code" in error)) return false;
  return code === undefined || error.code === code;
}
