/** The head of a held response: reads it, fixes it as `writeHead` says, and makes it look sent before it is. */
import type { OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { OutgoingFacts } from "../core/request/facts.ts";

/** Facts about a response whose head is fixed. */
export function readFacts(response: ServerResponse, status: number): OutgoingFacts {
  const vary = response.getHeader("Vary");
  const setCookie = response.getHeader("Set-Cookie");
  return {
    status,
    vary: vary === undefined ? null : Array.isArray(vary) ? vary.join(", ") : String(vary),
    setCookie: setCookie === undefined ? [] : Array.isArray(setCookie) ? setCookie : [String(setCookie)],
  };
}

/**
 * The status that was passed to `writeHead`, read as Node reads it.
 *
 * @throws RangeError when it is not a valid status
 * @source nodejs/node lib/_http_server.js, writeHead
 */
export function readStatus(given: unknown): number {
  const status = Math.trunc(Number(given));
  if (status >= 100 && status <= 999) return status;
  throw Object.assign(new RangeError(`Invalid status code: ${String(given)}`), {
    code: "ERR_HTTP_INVALID_STATUS_CODE",
  });
}

/**
 * Puts the arguments of `writeHead(status, message?, headers?)` where later code can still add to them. Headers may be
 * an object, a flat list of names and values, or pairs, and win over those set before.
 *
 * @source nodejs/node lib/_http_server.js, writeHead
 */
export function takeHeaders(response: ServerResponse, [, first, second]: readonly unknown[]): void {
  const headers = typeof first === "string" ? second : (second ?? first);
  if (typeof first === "string") response.statusMessage = first;
  if (Array.isArray(headers)) {
    const pairs = Array.isArray(headers[0]) ? headers : toPairs(headers);
    for (const [name] of pairs) response.removeHeader(name);
    for (const [name, value] of pairs) if (name) response.appendHeader(name, value);
  } else if (typeof headers === "object" && headers !== null) {
    // Node's own check refuses invalid values
    for (const [name, value] of Object.entries(headers)) if (name) response.setHeader(name, value);
  }
}

function toPairs(list: readonly string[]): string[][] {
  if (list.length % 2 !== 0) {
    throw Object.assign(new TypeError("The argument 'headers' is invalid: a name without a value."), {
      code: "ERR_INVALID_ARG_VALUE",
    });
  }
  return Array.from({ length: list.length / 2 }, (_, index) => list.slice(2 * index, 2 * index + 2));
}

/** Restores the headers from before the handler ran, and removes the handler's. */
export function restoreHeaders(response: ServerResponse, before: OutgoingHttpHeaders): void {
  for (const name of response.getHeaderNames()) if (before[name] === undefined) response.removeHeader(name);
  for (const [name, value] of Object.entries(before))
    if (value !== undefined && response.getHeader(name) !== value) response.setHeader(name, value);
  // HTTP/2 has no status message, and warns when it is read
  if (Object.hasOwn(response, "statusMessage")) response.statusMessage = "";
}

/**
 * Throws for a chunk that Node would refuse, while the error can still reach the handler.
 *
 * @source nodejs/node lib/_http_outgoing.js, write_
 */
export function checkChunk(chunk: unknown, isEnd: boolean): void {
  if (typeof chunk === "string" || chunk instanceof Uint8Array) return;
  if (isEnd && (!chunk || typeof chunk === "function")) return;
  const code = chunk === null ? "ERR_STREAM_NULL_VALUES" : "ERR_INVALID_ARG_TYPE";
  throw Object.assign(new TypeError(`A body consists of strings and Uint8Arrays, not of ${typeof chunk}.`), {
    code,
  });
}

/** The methods that change a head. */
export const HEAD_CHANGES = ["setHeader", "appendHeader", "removeHeader"] as const;
const MARK = "held";
const BEFORE = Symbol("session-bridge.before");

/** Node's HTTP/1 response keeps the head in `_header`; any string there makes it look and behave as if sent. */
type Marked = ServerResponse & { _header?: string | null; [BEFORE]?: PropertyDescriptorMap };

/** Makes the response report its head as sent and refuse changes to it, as it will once that is true. */
export function markSent(response: Marked): void {
  if (Object.hasOwn(response, "_header")) {
    response._header = MARK;
    return;
  }
  if (response[BEFORE] !== undefined) return;
  const own = Object.getOwnPropertyDescriptors(response) as PropertyDescriptorMap; // by name
  response[BEFORE] = Object.fromEntries(
    HEAD_CHANGES.flatMap((name) => (own[name] === undefined ? [] : [[name, own[name]]])),
  );
  const refuse = () => {
    throw headersSentError("change");
  };
  for (const name of HEAD_CHANGES)
    Object.defineProperty(response, name, { value: refuse, configurable: true, writable: true });
  Object.defineProperty(response, "headersSent", { get: () => true, configurable: true });
}

/** Undoes `markSent`; does nothing if the response was not marked. */
export function unmarkSent(response: Marked): void {
  if (Object.hasOwn(response, "_header")) {
    if (response._header === MARK) response._header = null;
    return;
  }
  const before = response[BEFORE];
  if (before === undefined) return;
  for (const name of [...HEAD_CHANGES, "headersSent"]) Reflect.deleteProperty(response, name);
  Object.defineProperties(response, before);
  delete response[BEFORE];
}

/** Node's own error for a change to a head that was already sent. */
export function headersSentError(what: string): Error {
  return Object.assign(new Error(`Cannot ${what} headers after they are sent to the client`), {
    code: "ERR_HTTP_HEADERS_SENT",
  });
}
