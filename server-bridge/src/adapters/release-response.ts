/** Ends a hold: sends what the handler sent, with the session's headers. */
import type { ServerResponse } from "node:http";
import type { ResponseChanges } from "../core/request/facts.ts";
import { tellDrained } from "./backpressure.ts";
import { type Held, type HeldResponse, type Sending, takeCalls } from "./held-response.ts";
import { answerInstead, drop, giveUp } from "./other-answer.ts";
import { unmarkSent } from "./response-head.ts";

/** Runs the kept calls. If Node throws at one of them, the error ends the response, if it can still be reported. */
export function release(response: HeldResponse, held: Held, closed: ResponseChanges): void {
  try {
    if (applyHead(response, held, closed)) sendKept(response, held);
  } catch (error) {
    if (!response.headersSent) {
      giveUp(response, held, error);
      return;
    }
    held.hold.report(error);
    response.destroy();
    for (const { name, args } of takeCalls(held)) drop(response, name, args);
  }
}

function sendKept(response: HeldResponse, held: Held): void {
  let isDrained = false;
  for (let call = held.calls?.shift(); call !== undefined; call = held.calls?.shift()) {
    const result = send(response, held, call.name, call.args);
    if (call.name === "write") isDrained = result !== false; // otherwise Node emits it
  }
  if (held.isTold && isDrained && !held.ended) tellDrained(response, held);
}

/** Runs one call. The layers above have already seen the head; those below must see it once. */
export function send(response: HeldResponse, held: Held, name: Sending, args: unknown[]): unknown {
  if (held.isGone && response.writableEnded) return drop(response, name, args); // another answer was sent in full
  const { writeHead } = response;
  const isAbove = writeHead !== held.ours.writeHead;
  if (isAbove) response.writeHead = held.ours.writeHead as ServerResponse["writeHead"]; // one signature for all
  try {
    if (held.isExplicit) {
      held.isExplicit = false;
      held.below.writeHead.call(response, held.status);
    }
    return held.below[name]?.apply(response, args);
  } finally {
    if (isAbove) response.writeHead = writeHead;
  }
}

/** Writes the settled changes into the head; false if another answer was sent in the handler's place. */
export function applyHead(response: HeldResponse, held: Held, changes: ResponseChanges): boolean {
  const { instead, vary, setCookie } = changes;
  held.state = "passed";
  if (held.isGone) return true;
  if (instead) {
    answerInstead(response, held, instead, changes);
    return false;
  }
  unmarkSent(response);
  if (response.statusCode !== held.status) response.statusCode = held.status;
  if (vary !== null) response.setHeader("Vary", vary);
  if (setCookie !== null) {
    if (setCookie.length === 0) response.removeHeader("Set-Cookie");
    else response.setHeader("Set-Cookie", setCookie);
  }
  return true;
}
