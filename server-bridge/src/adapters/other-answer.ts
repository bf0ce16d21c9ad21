/**
 * Sends another answer in place of the handler's: the framework's if the session could not be stored, or the library's
 * own if the session was deleted in the meantime. Whatever the handler still sends is dropped.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { ServerResponse } from "node:http";
import { statusOf } from "../core/errors.ts";
import type { ResponseChanges } from "../core/request/facts.ts";
import { tellDrained } from "./backpressure.ts";
import {
  type Held,
  type HeldName,
  type HeldResponse,
  heldOf,
  install,
  type Method,
  type Sending,
  takeCalls,
} from "./held-response.ts";
import { HEAD_CHANGES, restoreHeaders, unmarkSent } from "./response-head.ts";

/** How long a framework has to send its error answer. An error page that queries a store may take a while. */
const ANSWER_WITHIN_MS = 3_000;
/**
 * How often a handler that was told to wait is woken after its answer was dropped: enough for one that finishes,
 * without an endless loop.
 */
const MAX_WAKINGS = 1_000;

/** Distinguishes calls made for the answer from calls by the handler: both hold the same response. */
const ANSWERING = new AsyncLocalStorage<Held>();

/** Sends the library's own answer, with the cookies of the request's other sessions. */
export function answerInstead(
  response: HeldResponse,
  held: Held,
  { status, body }: NonNullable<ResponseChanges["instead"]>,
  { vary, setCookie }: ResponseChanges,
): void {
  abandon(response, held);
  ANSWERING.run(held, () => {
    response.statusCode = status;
    response.setHeader("Content-Type", "text/plain; charset=utf-8");
    if (vary !== null) response.appendHeader("Vary", vary);
    for (const line of setCookie ?? []) response.appendHeader("Set-Cookie", line);
    response.end(body);
  });
}

/** Lets the framework answer with an error. A session that was stored under a new key keeps its visitor logged in. */
export function giveUp(response: HeldResponse, held: Held, error: unknown): void {
  abandon(response, held);
  answerSometime(response, held);
  try {
    ANSWERING.run(held, () => {
      if (!held.isGone) {
        response.statusCode = statusOf(error);
        for (const line of held.hold.stored ?? []) response.appendHeader("Set-Cookie", line);
      }
      held.hold.fail(error);
    });
  } catch (failure) {
    held.hold.report(failure);
    response.destroy();
  }
}

/**
 * Answers if the framework does not. Some act on `next(error)` only the first time that `next` is called (Socket.IO's
 * engine does), and the handler has already run by then.
 */
function answerSometime(response: ServerResponse, held: Held): void {
  if (response.destroyed) return;
  const timer = setTimeout(() => {
    if (response.headersSent || response.destroyed) return;
    try {
      ANSWERING.run(held, () => response.end());
    } catch (failure) {
      held.hold.report(failure);
      response.destroy();
    }
  }, ANSWER_WITHIN_MS);
  response.once("close", () => clearTimeout(timer));
}

/** Clears the way for another answer: it bypasses the layers above, which have started to transform the handler's. */
function abandon(response: HeldResponse, held: Held): void {
  held.state = "abandoned";
  if (!held.isGone) {
    unmarkSent(response);
    restoreHeaders(response, held.headersBefore);
  }
  install(response, DIRECT_METHODS);
  guardHead(response, held);
  if (response.on !== held.below.on) response.on = held.below.on;
  for (const { name, args } of takeCalls(held)) drop(response, name, args);
  response.once("finish", () => tellDrained(response, held)); // so a waiting writer can notice
}

/** Reserves status and headers for the answer: a handler that keeps running would change them. */
function guardHead(response: HeldResponse, held: Held): void {
  for (const name of HEAD_CHANGES) {
    const method = response[name] as Method; // one signature for all three
    Reflect.set(response, name, function guard(this: ServerResponse, ...args: unknown[]) {
      return ANSWERING.getStore() === held ? method.apply(this, args) : this;
    });
  }
  // HTTP/2 keeps the status behind an accessor on the prototype, HTTP/1 in a property of the response
  const prototype: object = Object.getPrototypeOf(response);
  const isBehind = Object.getOwnPropertyDescriptor(prototype, "statusCode")?.get !== undefined;
  let status = response.statusCode;
  Object.defineProperty(response, "statusCode", {
    configurable: true,
    enumerable: true,
    get: () => (isBehind ? Reflect.get(prototype, "statusCode", response) : status),
    set(value: number) {
      if (ANSWERING.getStore() !== held) return;
      if (isBehind) Reflect.set(prototype, "statusCode", value, response);
      else status = value;
    },
  });
}

const DIRECT_METHODS: Record<HeldName, Method> = {
  writeHead(...args) {
    // even if the response says that it has ended: HTTP/2's says so before it sends the head of an empty answer
    return ANSWERING.getStore() === heldOf(this) ? heldOf(this).below.writeHead.apply(this, args) : this;
  },
  write(...args) {
    return isAnswering(this) ? heldOf(this).below.write.apply(this, args) : drop(this, "write", args);
  },
  end(...args) {
    return isAnswering(this) ? heldOf(this).below.end.apply(this, args) : drop(this, "end", args);
  },
  flushHeaders(...args) {
    return isAnswering(this) ? heldOf(this).below.flushHeaders.apply(this, args) : undefined;
  },
};

function isAnswering(response: ServerResponse): boolean {
  return !response.writableEnded && ANSWERING.getStore() === heldOf(response);
}

/** Drops a call. The writer is told to wait, and is woken once the answer is sent. */
export function drop(response: ServerResponse, name: Sending, args: readonly unknown[]): unknown {
  const answer = args.findLast((one) => typeof one === "function");
  if (typeof answer === "function")
    process.nextTick(answer, new Error("The response has ended, or another answer was sent in its place."));
  if (name !== "write") return response;
  const held = heldOf(response);
  if (held.state === "abandoned" && response.writableFinished && held.wakings++ < MAX_WAKINGS)
    setImmediate(tellDrained, response, held);
  return false;
}
