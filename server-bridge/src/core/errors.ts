/**
 * The errors of this package, and how a log line names any error. Recognise them by `code`, never by message or by
 * `instanceof` across packages.
 */
import { types } from "node:util";

/** The name that begins every line and every error of this package, so that people know where it comes from. */
export const PREFIX = "[session-bridge] ";

/** The oldest Node that this package runs on: major and minor. */
const OLDEST = [22, 13] as const;

/** The sentence for a Node that is too old for this package; null for any other, and where there is no Node at all. */
export function sayOldNode(version?: string): string | null {
  const need = needOfNode(version);
  return need === null ? null : `${PREFIX}${need}`;
}

/** Throws that sentence. */
export function refuseOldNode(): void {
  const need = needOfNode();
  if (need !== null) throw new Error(`${PREFIX}${need}`);
}

function needOfNode(version: string | undefined = globalThis.process?.versions?.node): string | null {
  if (version === undefined) return null;
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return null;
  return `session-bridge needs Node ${OLDEST.join(".")} or later; this is ${version}.`;
}

/**
 * What went wrong:
 * - `settings`: an option or a driver is missing or wrong; thrown at construction, with the remedy.
 * - `not-loaded`: the session was used before `await session.load()` (engines that cannot load synchronously).
 * - `key-taken`: `save({ mustCreate: true })` found an existing session (Django's CreateError).
 * - `session-gone`: the session was deleted while it was in use (Django's UpdateError, SessionInterrupted), or another
 *   request logged someone in or out in it.
 * - `key-missing`: `deleteTestCookie` without a test cookie (Python's KeyError).
 * - `bad-key`: the engine refuses this form of key (Django's InvalidSessionKey).
 * - `expiry`: the expiry is not a date: a string of another form, NaN, too far away (Python's ValueError,
 *   OverflowError).
 * - `expiry-zone`: the stored expiry has an offset but the settings want none, or the other way round (Python's
 *   TypeError).
 * - `too-large`: the session does not fit in the place where it is kept (a cookie's 4096 bytes).
 * - `too-late`: the session was changed after the response's head was sent, or after another session had replaced it.
 * - `engine`: the store failed; `cause` says why.
 * - `unavailable`: the store cannot be reached, did not answer within `storeTimeout`, or is known to be down; the request
 *   is answered with status 503.
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
  | "engine"
  | "unavailable";

/**
 * Whatever was thrown, as an Error, for frameworks that print its message: a value that is not an Error may contain
 * anything.
 */
export function toError(error: unknown): Error {
  if (isError(error)) return error;
  return new SessionError("engine", `A store failed: ${describeError(error)}.`, { cause: error });
}

/**
 * Every error that this package throws, except a TypeError when a name of the API is assigned to.
 *
 * One with the code `unavailable` has members that frameworks look for, so that their own error answer is a 503:
 * `status` (Connect, Express, Koa), `statusCode` (Fastify), `headers` (all of these) and `getResponse` (Hono).
 */
export class SessionError extends Error {
  override readonly name = "SessionError";
  readonly code: SessionErrorCode;
  /** The status of the answer, for `unavailable`; otherwise absent, and the answer is a 500. */
  declare readonly status?: 503;
  /** The same as `status`. */
  declare readonly statusCode?: 503;
  /** Headers of the answer, for `unavailable`; otherwise absent. */
  declare readonly headers?: Readonly<Record<string, string>>;

  constructor(code: SessionErrorCode, message: string, options?: { cause?: unknown }) {
    super(`${PREFIX}${message}`, options);
    this.code = code;
    if (code === "unavailable") Object.defineProperties(this, UNAVAILABLE);
  }
}

/** What a visitor reads in place of a page whose session cannot be loaded or stored. */
export const UNAVAILABLE_TEXT =
  "The server cannot reach its session store now. Try again in a few seconds.\n";
/** The headers of that answer. A store that is down is checked about every second. */
export const UNAVAILABLE_HEADERS = Object.freeze({ "Retry-After": "1" });
const UNAVAILABLE: PropertyDescriptorMap = {
  status: { value: 503, writable: true }, // Koa assigns it
  statusCode: { value: 503, writable: true },
  headers: { value: UNAVAILABLE_HEADERS },
  getResponse: { value: unavailableResponse },
};

/** The answer for a visitor in place of a page whose session cannot be loaded or stored. */
export function unavailableResponse(): Response {
  const headers = { ...UNAVAILABLE_HEADERS, "Content-Type": "text/plain; charset=utf-8" };
  return new Response(UNAVAILABLE_TEXT, { status: 503, headers });
}

/** The status of the answer to a request that failed with this error. */
export function statusOf(error: unknown): 500 | 503 {
  return isSessionError(error, "unavailable") ? 503 : 500;
}

/**
 * The `code` of an error from Node or a driver; empty if it has none.
 *
 * `instanceof Error` would miss errors of another realm, such as those of Node's own modules in code that Jest runs.
 */
export function codeOf(error: unknown): string {
  return typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
}

/** An error's message, or whatever else was thrown, as a string. */
export function messageOf(error: unknown): string {
  return error instanceof Error || types.isNativeError(error) ? error.message : String(error);
}

/** Errors of this package other than `SessionError`: their messages are ours, so log lines may repeat them. */
const OWN = new WeakSet<object>();

/** The error for a name or value that the API cannot accept. @param message without the prefix; names, never values */
export function misuse(message: string): TypeError {
  const error = new TypeError(`${PREFIX}${message}`);
  OWN.add(error);
  return error;
}

/**
 * An error as a log line may name it: its kind, code and place, and the same for its causes.
 *
 * Only errors of this package keep their message. The message of any other error is left out: stores, drivers and JSON
 * quote in it what they were given (`"hunter2…" is not valid JSON`). The error itself stays complete for the code that
 * catches it.
 */
export function describeError(error: unknown): string {
  return nameError(error, 3);
}

function nameError(error: unknown, depth: number): string {
  try {
    if (!isError(error))
      return `the thrown value is not an Error (${error === null ? "null" : typeof error})`;
    const isOwn = OWN.has(error) || (isSessionError(error) && error.message.startsWith(PREFIX));
    const own = isOwn ? error.message.replace(PREFIX, "") : kindOf(error) + codeNote(error) + placeOf(error);
    if (error.cause === undefined || depth === 0) return own;
    return `${own} (cause: ${nameError(error.cause, depth - 1)})`;
  } catch {
    return "an error that cannot be read"; // one of its getters threw
  }
}

function isError(error: unknown): error is Error {
  return error instanceof Error || types.isNativeError(error);
}

/** Its name, or that of its class, if it looks like the name of an error. */
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

/**
 * Where it was created: the first file on its stack. Empty if the stack does not begin with the error's own message.
 */
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
/** What may precede an error's message in its stack: `TypeError [ERR_INVALID_ARG_TYPE]: `. */
const MAX_HEAD = 120;
const MAX_STACK = 4_000;
const FRAME = "    at ";
/** A path or a file URL, with line and column. */
const FILE = /^(?:file:\/\/)?(?:\/|\/?[A-Z]:[\\/])[^?#"'():]{1,300}:\d{1,9}:\d{1,9}$/;

/** The error for a change that will not be stored. @param key `*`: the whole session */
export function tooLate(key: string, isReplaced: boolean): SessionError {
  const reason = isReplaced
    ? "after regenerate, which created another session. To use that one, read request.session again"
    : "when the response was already sent, so the change is lost. Change it before";
  return new SessionError("too-late", `The session was changed (${JSON.stringify(key)}) ${reason}.`);
}

/** True for an error of this package with that code, even if another copy of the package threw it. */
export function isSessionError(error: unknown, code?: SessionErrorCode): error is SessionError {
  if (!types.isNativeError(error) || error.name !== "SessionError" || !("code" in error)) return false;
  return code === undefined || error.code === code;
}
