/**
 * Ends a hold: what the handler sent goes on with the session's headers, or another answer takes its place.
 */
import { EventEmitter } from "node:events";
import type { ServerResponse } from "node:http";
import type { Closed } from "../lifecycle.ts";
import { clearHeaders, unmarkSent } from "./head.ts";
import {
  type Call,
  type Held,
  type HeldName,
  type HeldResponse,
  heldOf,
  install,
  type Method,
  type Sending,
} from "./held.ts";

/** Lets the kept calls go. */
export function release(response: HeldResponse, held: Held, closed: Closed): void {
  try {
    if (!applyHead(response, held, closed)) return;
    let drained = false;
    for (const { name, args } of takeCalls(held)) {
      const result = send(response, held, name, args);
      if (name === "write") drained = result !== false;
    }
    if (drained && !held.ended) tellDrained(response, held);
  } catch (error) {
    if (!response.headersSent) giveUp(response, held, error);
    else response.destroy(toError(error));
  }
}

function takeCalls(held: Held): Call[] {
  const { calls } = held;
  held.calls = null;
  return calls ?? [];
}

/** Sends one call on. The layers above have seen the head already; those below are to see it once. */
export function send(response: HeldResponse, held: Held, name: Sending, args: unknown[]): unknown {
  if (held.isGone && response.writableEnded) return drop(response, name, args); // somebody else has answered whole
  const { writeHead } = response;
  const isAbove = writeHead !== held.ours.writeHead;
  if (isAbove) response.writeHead = held.ours.writeHead as ServerResponse["writeHead"]; // one form for all overloads
  try {
    if (held.isExplicit) {
      held.isExplicit = false;
      held.below.writeHead.call(response, held.status);
    }
    return held.below[name].apply(response, args);
  } finally {
    if (isAbove) response.writeHead = writeHead;
  }
}

/** Tells whoever was told to wait: on the response, and where middleware below has its listeners moved to. */
function tellDrained(response: HeldResponse, { below: { on } }: Held): void {
  response.emit("drain");
  if (on === EventEmitter.prototype.on) return;
  const emitter: unknown = on.call(response, "drain", ignore);
  if (!(emitter instanceof EventEmitter)) return;
  emitter.off("drain", ignore);
  if (emitter !== response) emitter.emit("drain");
}

function ignore(): void {}

/** Writes what was settled into the head; false when another response was sent in the handler's place. */
export function applyHead(response: HeldResponse, held: Held, { instead, vary, setCookie }: Closed): boolean {
  held.state = "passed";
  if (held.isGone) return true;
  unmarkSent(response);
  if (instead) {
    abandon(response, held);
    response.statusCode = instead.status;
    response.setHeader("Content-Type", "text/plain; charset=utf-8");
    response.end(instead.body);
    return false;
  }
  if (response.statusCode !== held.status) response.statusCode = held.status;
  if (vary !== null) response.setHeader("Vary", vary);
  if (setCookie !== null) {
    if (setCookie.length === 0) response.removeHeader("Set-Cookie");
    else response.setHeader("Set-Cookie", setCookie);
  }
  return true;
}

/** Lets the framework answer: nothing of the handler's is sent. */
export function giveUp(response: HeldResponse, held: Held, error: unknown): void {
  if (!held.isGone) unmarkSent(response);
  abandon(response, held);
  answerSometime(response);
  try {
    held.hold.fail(error);
  } catch (failure) {
    response.destroy(toError(failure));
    console.error(
      "[sessions] The answer to a request whose session could not be stored failed, too:",
      failure,
    );
  }
}

/** How long a framework has for its error answer. An error page that asks a store of its own may take a while. */
const ANSWER_WITHIN_MS = 3_000;

/**
 * Answers when the framework does not. Some heed `next(error)` only the first time that `next` is called (Socket.IO's
 * engine), and the handler has been there since.
 */
function answerSometime(response: HeldResponse): void {
  const timer = setTimeout(() => {
    if (response.headersSent || response.destroyed) return;
    response.statusCode = 500;
    response.end();
  }, ANSWER_WITHIN_MS);
  response.once("close", () => clearTimeout(timer));
}

/** Makes way for another answer: layers above, which have begun to transform the handler's, are out of its way. */
function abandon(response: HeldResponse, held: Held): void {
  held.state = "abandoned";
  if (!held.isGone) clearHeaders(response, held.headersBefore);
  install(response, DIRECT_METHODS);
  if (response.on !== held.below.on) response.on = held.below.on;
  for (const { name, args } of takeCalls(held)) drop(response, name, args);
  response.once("finish", () => tellDrained(response, held)); // whoever waits to go on writing may find that out
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** Once another answer has taken the handler's place: that answer goes straight on, and what comes after its end is dropped. */
const DIRECT_METHODS: Record<HeldName, Method> = {
  writeHead(...args) {
    return heldOf(this).below.writeHead.apply(this, args);
  },
  write(...args) {
    return this.writableEnded ? drop(this, "write", args) : heldOf(this).below.write.apply(this, args);
  },
  end(...args) {
    return this.writableEnded ? drop(this, "end", args) : heldOf(this).below.end.apply(this, args);
  },
  flushHeaders(...args) {
    return heldOf(this).below.flushHeaders.apply(this, args);
  },
};

/** Passes over a call of which nothing is to be sent. True from `write` lets a stream flow to its end. */
export function drop(response: ServerResponse, name: Sending, args: readonly unknown[]): unknown {
  const answer = args.findLast((one) => typeof one === "function");
  if (typeof answer === "function")
    process.nextTick(answer, new Error("The response has ended, or another was sent in its place."));
  return name === "write" ? true : response;
}
