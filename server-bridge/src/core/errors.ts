/**
 * The errors of this package, and how a printed line names any error. They are recognised by `code`, never by text or by
 * `instanceof` across packages.
 */
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

/** What was thrown as an Error, for frameworks that print its text: what is none may hold anything. */
export function toError(error: unknown): Error {
  if (isError(error)) return error;
  return new SessionError("engine", `A store failed: ${describeError(error)}.`, { cause: error });
}

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

/** Errors of this package other than `SessionError`: their sentences are ours, so lines may repeat them. */
const OWN = new WeakSet<object>();

/** The error of a name or value that the API cannot take. @param message without `[sessions]`; names, never values */
export function misuse(message: string): TypeError {
  const error = new TypeError(`[sessions] ${message}`);
  OWN.add(error);
  return error;
}

/**
 * An error as a line may name it: its kind, code and place, and the same of its causes.
 *
 * Only errors of this package keep their sentence. The text of any other is left out: stores, drivers and JSON quote in it
 * what they were given (`"hunter2…" is not valid JSON`). The error itself stays whole for the code that catches it.
 */
export function describeError(error: unknown): string {
  return nameError(error, 3);
}

function nameError(error: unknown, depth: number): string {
  try {
    if (!isError(error)) return `what was thrown is no Error (${error === null ? "null" : typeof error})`;
    const isOwn = OWN.has(error) || (isSessionError(error) && error.message.startsWith("[sessions] "));
    const own = isOwn
      ? error.message.replace("[sessions] ", "")
      : kindOf(error) + codeNote(error) + placeOf(error);
    if (error.cause === undefined || depth === 0) return own;
    return `${own} (cause: ${nameError(error.cause, depth - 1)})`;
  } catch {
    return "an error that cannot be read"; // a getter of it threw
  }
}

function isError(error: unknown): error is Error {
  return error instanceof Error || types.isNativeError(error);
}

/** Its name, or that of its class, where it looks like the name of an error. */
function kindOf(error: Error): string {
  const names = [error.name, error.constructor?.name];
  return names.find((name) => typeof name === "string" && ERROR_NAME.test(name)) ?? "Error";
}
const ERROR_NAME = /^[A-Za-z]{0,50}(?:[Ee]rror|Exception)$/;

/** Codes of Node, of drivers (`ER_NO_SUCH_TABLE`) and of SQL (`42P01`), and the word that begins a Redis server's errors. */
function codeNote(error: Error): string {
  const code: unknown = Reflect.get(error, "code");
  if (typeof code === "string" && CODE.test(code)) return ` (${code})`;
  if (typeof code === "number" && Number.isInteger(code) && Math.abs(code) < 100_000) return ` (${code})`;
  const word = REDIS_WORDS.find((one) => error.message.startsWith(`${one} `));
  return word === undefined ? "" : ` (${word})`;
}
const CODE = /^(?:E[A-Z0-9]{2,14}|[A-Z]{2,12}(?:_[A-Z]{1,16}\d{0,3}){1,6}|[0-9A-Z]{5})$/;
const REDIS_WORDS = [
  "NOAUTH",
  "WRONGPASS",
  "NOPERM",
  "WRONGTYPE",
  "OOM",
  "READONLY",
  "LOADING",
  "MISCONF",
  "CLUSTERDOWN",
];

/** Where it was made: the first file of its stack. Nothing where the stack does not begin with the error's own text. */
function placeOf({ stack, message }: Error): string {
  if (typeof stack !== "string" || typeof message !== "string") return "";
  const head = message === "" ? stack.indexOf("\n") : stack.indexOf(message);
  if (head === -1 || head > MAX_HEAD || stack.slice(0, head).includes("\n")) return "";
  const from = head + message.length;
  for (const line of stack.slice(from, from + MAX_STACK).split("\n")) {
    if (!line.startsWith(FRAME)) continue;
    const frame = line.slice(line.lastIndexOf("(") + 1 || FRAME.length).replace(")", "");
    if (FILE.test(frame)) return ` at ${frame}`;
  }
  return "";
}
/** What may stand before an error's text in its stack: `TypeError [ERR_INVALID_ARG_TYPE]: `. */
const MAX_HEAD = 120;
const MAX_STACK = 4_000;
const FRAME = "    at ";
/** A path or a file's address, with line and column. */
const FILE = /^(?:file:\/\/)?(?:\/|\/?[A-Z]:[\\/])[^?#"'():]{1,300}:\d{1,9}:\d{1,9}$/;

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
