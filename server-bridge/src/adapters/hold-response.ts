/**
 * Holds a Node response's head and body from the handler's first byte until its session is stored. It knows nothing
 * about sessions: `settle` decides what changes in the head, and when. Used by the adapters for Node, Koa and Fastify.
 *
 * The hold sits in the middle of whatever other middleware has patched on the same response. A layer patched *above* it
 * (later) acts before `settle` is called, just as it acts before Node sends a head. A layer patched *below* it
 * (earlier) sees one head and the body once the session is stored, in the order in which the handler sent them. While
 * the response waits, `headersSent` is true and changing a header throws, as for any response whose head is on its way.
 */
import type { ServerResponse } from "node:http";
import { describeError, SessionError } from "../core/errors.ts";
import type { ResponseChanges } from "../core/request/facts.ts";
import { mayGoOn } from "./backpressure.ts";
import {
  type Below,
  type Call,
  HELD,
  type Held,
  type HeldName,
  type HeldResponse,
  type Hold,
  heldOf,
  install,
  type Method,
  type Sending,
  type State,
} from "./held-response.ts";
import { joinHolds } from "./join-holds.ts";
import { drop, giveUp } from "./other-answer.ts";
import { applyHead, release, send } from "./release-response.ts";
import {
  checkChunk,
  headersSentError,
  markSent,
  readFacts,
  readStatus,
  takeHeaders,
} from "./response-head.ts";
import { followStandIn, isWhole } from "./stand-in-response.ts";

export type { Hold } from "./held-response.ts";

const FAILED = Symbol("failed");

/**
 * Starts holding the response. If it is held already, for another session, it waits for both.
 *
 * @throws SessionError `settings` when that session has the same name or cookie, or the response is on its way: changes
 * would be lost
 */
export function holdResponse(response: ServerResponse, hold: Hold): void {
  if (typeof response !== "object" || response === null) return; // not even a stand-in: there is nothing to hold
  const target = response as HeldResponse; // the extra property is set below
  const already = target[HELD];
  if (already !== undefined) {
    if (already.state !== "open" && already.state !== "headed") throw tooLateToHold(hold);
    already.hold = joinHolds(already.hold, hold);
    return;
  }
  const below = belowOf(response);
  if (below === null) {
    followStandIn(response, () => hold.detach?.());
    return;
  }
  target[HELD] = {
    hold,
    state: "open",
    status: 0,
    isImplied: false,
    isExplicit: false,
    isGone: false,
    calls: null,
    keptBytes: 0,
    isTold: false,
    ended: false,
    wakings: 0,
    headersBefore: response.getHeaders(),
    below,
    ours: HELD_METHODS,
  };
  install(response, HELD_METHODS);
  if (below.flush !== undefined) Reflect.set(response, "flush", heldFlush);
}

/**
 * The `flush` of a compressor below, kept in order with the other calls, because the data it has to send may be kept as
 * well.
 */
const heldFlush: Method = function flush(this: HeldResponse) {
  const held = heldOf(this);
  if (held.state === "waiting") return keep(this, held, { name: "flush", args: [] });
  return held.state === "abandoned" ? undefined : held.below.flush?.call(this);
};

function isMethod(value: unknown): value is Method {
  return typeof value === "function";
}

/** The methods of Node's own responses, by their `writeHead`: a shared object costs nothing per response. */
const known = new Map<Method, Below>();

/** The response's current methods; null for a stand-in, which lacks methods that Node documents for a response. */
function belowOf(response: ServerResponse): Below | null {
  const { writeHead, write, end, flushHeaders, on } = response as unknown as Below; // overloads folded into one form
  const usual = known.get(writeHead);
  const isUsual =
    usual !== undefined &&
    write === usual.write &&
    end === usual.end &&
    flushHeaders === usual.flushHeaders &&
    on === usual.on;
  if (isUsual) return usual;
  if (!isWhole(response)) return null;
  const names = ["writeHead", "write", "end", "flushHeaders", "on"];
  // an own property of the response belongs to a layer and may reference that response
  const isShared = !names.some((name) => Object.hasOwn(response, name));
  const { flush } = response as { flush?: unknown };
  const below = {
    writeHead,
    write,
    end,
    flushHeaders,
    on,
    isShared,
    flush: isMethod(flush) ? flush : undefined,
  };
  if (isShared) known.set(writeHead, below);
  return below;
}

/** Ends this hold without calling `settle`: the adapter has settled the head itself. */
export function releaseResponse(response: ServerResponse): void {
  const held = (response as HeldResponse)[HELD]; // absent when it was never held
  if (held !== undefined && held.state !== "waiting") held.state = "passed";
}

/** The log line for an error that can no longer be reported in an answer. */
export function reportLine(error: unknown): string {
  return `A response ended in an error: ${describeError(error)}`;
}

/** The error for a second session that is opened once the first one is stored, so that its changes would be lost. */
function tooLateToHold({ named }: Hold): SessionError {
  return new SessionError(
    "settings",
    `${named[0]?.shown} was opened after the response was sent. Open all sessions of a request before its handler.`,
  );
}

const HELD_METHODS: Record<HeldName, Method> = {
  writeHead(...args) {
    const response = this as HeldResponse; // installed by holdResponse only
    const held = heldOf(response);
    if (held.state === "abandoned") return this;
    if (held.state === "passed" || (held.state === "open" && response.headersSent))
      return held.below.writeHead.apply(response, args);
    if (held.state !== "open") throw headersSentError("write");
    held.status = readStatus(args[0]);
    takeHeaders(response, args);
    response.statusCode = held.status;
    held.state = "headed";
    held.isExplicit = !held.isImplied;
    if (held.isExplicit) markSent(response);
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

/** The handler sends something: settles the head before the first byte goes out. */
function pass(response: HeldResponse, name: Exclude<Sending, "flush">, args: unknown[]): unknown {
  const held = heldOf(response);
  if (held.state === "passed") return held.below[name].apply(response, args);
  if (held.state === "waiting") return keep(response, held, { name, args });
  if (held.state === "abandoned") return drop(response, name, args);
  if (held.below.isShared && (name === "write" || name === "end")) checkChunk(args[0], name === "end");
  if (held.state === "open" && response.headersSent) {
    if (name !== "end") return held.below[name].apply(response, args);
    held.isGone = true; // too late for the head, but not for the store
    held.status = response.statusCode;
  } else if (held.state === "open" && fixHead(response, held) !== "headed") {
    return pass(response, name, args); // middleware above has already sent something
  }
  const settled = settleNow(response, held);
  if (settled === FAILED) return drop(response, name, args);
  if (settled instanceof Promise) {
    const result = keep(response, held, { name, args });
    settled.then(
      (closed) => release(response, held, closed),
      (error: unknown) => giveUp(response, held, error),
    );
    return result;
  }
  if (!applyHead(response, held, settled)) return drop(response, name, args);
  return send(response, held, name, args);
}

/**
 * Fixes the head for a first byte the way Node does: through the outermost `writeHead`, so that middleware waiting for
 * it (to compress, to log, to count) runs before the session is stored.
 */
function fixHead(response: HeldResponse, held: Held): State {
  const { writeHead } = response;
  const isAbove = writeHead !== HELD_METHODS.writeHead && writeHead !== held.below.writeHead;
  if (isAbove) {
    held.isImplied = true;
    try {
      response.writeHead(response.statusCode);
    } finally {
      held.isImplied = false;
    }
  }
  if (held.state === "open") {
    held.status = response.statusCode;
    held.state = "headed";
  }
  return held.state;
}

function settleNow(
  response: HeldResponse,
  held: Held,
): ResponseChanges | Promise<ResponseChanges> | typeof FAILED {
  held.state = "waiting";
  try {
    const settled = held.hold.settle(readFacts(response, held.status));
    if (settled instanceof Promise && !held.isGone && !held.isExplicit) markSent(response);
    return settled;
  } catch (error) {
    giveUp(response, held, error);
    return FAILED;
  }
}

/**
 * Keeps a call for later. Calls after `end` are dropped: Node may end the process for them, depending on how soon they
 * come, and here they come sooner after `end` than usual.
 */
function keep(response: HeldResponse, held: Held, call: Call): unknown {
  const { name, args } = call;
  if (held.ended) return drop(response, name, args);
  if (held.below.isShared && (name === "write" || name === "end")) checkChunk(args[0], name === "end");
  held.calls ??= [];
  held.calls.push(call);
  if (name === "write") return mayGoOn(response, held, call);
  if (name !== "end") return undefined;
  held.ended = true;
  Object.defineProperty(response, "writableEnded", WRITABLE_ENDED);
  return response;
}

/** Marks the response as ended while `end` is kept; afterwards Node does so itself. */
const WRITABLE_ENDED: PropertyDescriptor & ThisType<HeldResponse> = {
  configurable: true,
  get() {
    const held = this[HELD];
    if (held?.state === "waiting" && held.ended) return true;
    return Reflect.get(Object.getPrototypeOf(this), "writableEnded", this);
  },
};
