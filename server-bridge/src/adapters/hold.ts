/**
 * Holds a Node response's head and body from the handler's first byte until its session is stored. Knows nothing of
 * sessions: `settle` says what is to be changed about the head, and when. Used by the adapters for Node, Koa, Fastify.
 *
 * What the handler did meanwhile is replayed in its order. As for any response whose head is on its way, `headersSent`
 * is true then and changing a header throws.
 */
import type { ServerResponse } from "node:http";
import { SessionError } from "../errors.ts";
import type { Closed, OutgoingFacts } from "../lifecycle.ts";

/** How a response is held. */
export interface Hold {
  /** Decides about the head, once. What it throws, or rejects with, goes to `fail`. */
  settle(facts: OutgoingFacts): Closed | Promise<Closed>;
  /** Nothing was sent, and nothing of the handler's will be: answer with the framework's own 500. */
  fail(error: unknown): void;
}

/** `headed`: the handler called `writeHead` and has sent no byte yet. `waiting`: `settle` has not answered yet. */
type State = "open" | "headed" | "waiting" | "passed";

/** The methods that are held. */
type HeldName = "writeHead" | "write" | "end" | "flushHeaders";
type Method = (this: ServerResponse, ...args: unknown[]) => unknown;

interface Held {
  hold: Hold;
  state: State;
  /** What the handler called while waiting, in order. */
  calls: { name: "write" | "end" | "flushHeaders"; args: unknown[] }[];
  ended: boolean;
  /** The methods that were there before: Node's, or those of whoever holds the response outside of this. */
  original: Record<HeldName, Method>;
}

/** A response under hold. Node keeps the head's text in `_header`; any text there makes the head unchangeable. */
type HeldResponse = ServerResponse & { [HELD]?: Held; _header: string | null };

const HELD = Symbol("session-bridge.held");
const HEAD_IN_HAND = "held";

/** Starts to hold. At most once for a response; a second call is ignored. */
export function holdResponse(response: ServerResponse, hold: Hold): void {
  const target = response as HeldResponse; // the two extra properties are set below, and by Node
  if (target[HELD]) return;
  // a response of HTTP/2 tells its head by a getter
  if (!Object.hasOwn(target, "_header"))
    Object.defineProperty(target, "_header", { value: null, writable: true });
  const { writeHead, write, end, flushHeaders } = response as unknown as Record<HeldName, Method>; // overloads folded into one form
  target[HELD] = {
    hold,
    state: "open",
    calls: [],
    ended: false,
    original: { writeHead, write, end, flushHeaders },
  };
  response.writeHead = HELD_METHODS.writeHead as ServerResponse["writeHead"]; // one form for all overloads
  response.write = HELD_METHODS.write as ServerResponse["write"]; // as above
  response.end = HELD_METHODS.end as ServerResponse["end"]; // as above
  response.flushHeaders = HELD_METHODS.flushHeaders;
}

/** Ends the hold without asking `settle`: somebody else has settled the head. */
export function releaseResponse(response: ServerResponse): void {
  const held = (response as HeldResponse)[HELD]; // absent when it was never held
  if (held && held.state !== "waiting") held.state = "passed";
}

/** The error of a request that is given a second session: its response would not wait for that one, which would be lost. */
export function twoSessions(): SessionError {
  return new SessionError(
    "settings",
    "sessionMiddleware: the request has a session of another createSessions already. Use one for a request.",
  );
}

const HELD_METHODS: Record<HeldName, Method> = {
  writeHead(...args) {
    const response = this as HeldResponse; // installed by holdResponse only
    const held = heldOf(response);
    if (held.state !== "open" || response.headersSent) return held.original.writeHead.apply(response, args);
    takeHead(response, args);
    held.state = "headed";
    response._header = HEAD_IN_HAND;
    return this;
  },
  write(...args) {
    return pass(this as HeldResponse, "write", args); // as above
  },
  end(...args) {
    return pass(this as HeldResponse, "end", args); // as above
  },
  flushHeaders(...args) {
    return pass(this as HeldResponse, "flushHeaders", args); // as above
  },
};

function heldOf(response: HeldResponse): Held {
  const held = response[HELD];
  if (!held) throw new Error("[sessions] The response is not held.");
  return held;
}

/** The handler sends something: settles the head before the first of it goes on. */
function pass(response: HeldResponse, name: "write" | "end" | "flushHeaders", args: unknown[]): unknown {
  const held = heldOf(response);
  if (held.state === "waiting") return keep(held, response, name, args);
  if (held.state === "passed" || (held.state === "open" && response.headersSent)) {
    return held.original[name].apply(response, args);
  }
  const settled = settleNow(response, held);
  if (settled === FAILED) return name === "write" ? false : response;
  if (settled instanceof Promise) {
    const result = keep(held, response, name, args);
    const status = response.statusCode;
    settled.then(
      (closed) => {
        response.statusCode = status;
        release(response, held, closed);
      },
      (error: unknown) => {
        response.statusCode = status;
        giveUp(response, held, error);
      },
    );
    return result;
  }
  if (!applyHead(response, held, settled)) return name === "write" ? true : response;
  return held.original[name].apply(response, args);
}

const FAILED = Symbol("failed");

function settleNow(response: HeldResponse, held: Held): Closed | Promise<Closed> | typeof FAILED {
  response._header = null;
  const facts = readFacts(response);
  held.state = "waiting";
  response._header = HEAD_IN_HAND;
  try {
    return held.hold.settle(facts);
  } catch (error) {
    giveUp(response, held, error);
    return FAILED;
  }
}

/** Keeps a call for later. False from `write` tells a stream to wait for `drain`. */
function keep(
  held: Held,
  response: HeldResponse,
  name: "write" | "end" | "flushHeaders",
  args: unknown[],
): unknown {
  if (!held.ended) held.calls.push({ name, args });
  if (name === "end") held.ended = true;
  return name === "write" ? false : response;
}

/** Lets the held calls go. */
function release(response: HeldResponse, held: Held, closed: Closed): void {
  try {
    if (!applyHead(response, held, closed)) return;
    let drained = false;
    for (const { name, args } of held.calls) {
      const result = held.original[name].apply(response, args);
      if (name === "write") drained = result === true;
    }
    if (drained && !held.ended) tellDrained(response);
  } catch (error) {
    if (!response.headersSent) giveUp(response, held, error);
    else response.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}

/** Whoever compresses outside of this moves listeners to a stream of his own; `on` tells which. */
function tellDrained(response: ServerResponse): void {
  const emitter = response.on("drain", ignore);
  emitter.off("drain", ignore);
  emitter.emit("drain");
}

function ignore(): void {}

/** Writes what was settled into the head; false when another response was sent in the handler's place. */
function applyHead(response: HeldResponse, held: Held, { instead, vary, setCookie }: Closed): boolean {
  response._header = null;
  held.state = "passed";
  if (instead) {
    clearHeaders(response);
    response.statusCode = instead.status;
    response.statusMessage = "";
    response.setHeader("Content-Type", "text/plain; charset=utf-8");
    held.original.end.call(response, instead.body);
    return false;
  }
  if (vary !== null) response.setHeader("Vary", vary);
  if (setCookie !== null) {
    if (setCookie.length === 0) response.removeHeader("Set-Cookie");
    else response.setHeader("Set-Cookie", setCookie);
  }
  return true;
}

function giveUp(response: HeldResponse, held: Held, error: unknown): void {
  response._header = null;
  held.state = "passed";
  clearHeaders(response);
  response.statusMessage = "";
  held.hold.fail(error);
}

function clearHeaders(response: ServerResponse): void {
  for (const name of response.getHeaderNames()) response.removeHeader(name);
}

function readFacts(response: ServerResponse): OutgoingFacts {
  const vary = response.getHeader("Vary");
  const setCookie = response.getHeader("Set-Cookie");
  return {
    status: response.statusCode,
    vary: vary === undefined ? null : Array.isArray(vary) ? vary.join(", ") : String(vary),
    setCookie: setCookie === undefined ? [] : Array.isArray(setCookie) ? setCookie : [String(setCookie)],
  };
}

/**
 * What `writeHead(status, message?, headers?)` says, put where later code can still add to it. Headers may be an object,
 * a flat list of names and values, or pairs, and win over those set before.
 *
 * @source nodejs/node lib/_http_server.js, writeHead
 */
function takeHead(response: ServerResponse, [status, ...rest]: unknown[]): void {
  const code = Number(status);
  if (!Number.isInteger(code) || code < 100 || code > 999) {
    throw new RangeError(`Invalid status code: ${String(status)}`);
  }
  const [first, second] = rest;
  const headers = typeof first === "string" ? second : (first ?? second);
  const entries = toEntries(headers);
  for (const [name] of entries) response.removeHeader(name);
  for (const [name, value] of entries) response.appendHeader(name, value);
  response.statusCode = code;
  if (typeof first === "string") response.statusMessage = first;
}

type HeaderEntry = [name: string, value: string | readonly string[]];

function toEntries(headers: unknown): HeaderEntry[] {
  if (!Array.isArray(headers)) {
    return headers === null || typeof headers !== "object"
      ? []
      : Object.entries(headers).map(([name, value]) => [name, toValue(value)]);
  }
  if (Array.isArray(headers[0])) return headers.map(([name, value]) => [String(name), toValue(value)]);
  return Array.from({ length: headers.length / 2 }, (_, index) => [
    String(headers[2 * index]),
    toValue(headers[2 * index + 1]),
  ]);
}

function toValue(value: unknown): string | readonly string[] {
  if (value === undefined) return value as unknown as string; // Node's own check refuses it
  return Array.isArray(value) ? value.map(String) : String(value);
}
