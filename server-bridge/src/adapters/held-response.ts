/** The state of a held response, and how to get it from the response. */

import type { OutgoingHttpHeaders, ServerResponse } from "node:http";
import { PREFIX } from "../core/errors.ts";
import type { OutgoingFacts, ResponseChanges } from "../core/request/facts.ts";
import type { NamedSession } from "./session-name.ts";

/** How a response is held. */
export interface Hold {
  /** The sessions that are stored before the response is sent. */
  readonly named: readonly NamedSession[];
  /** Decides about the head; called once. If it throws or rejects, the error goes to `fail`. */
  settle(facts: OutgoingFacts): ResponseChanges | Promise<ResponseChanges>;
  /** Nothing was sent, and nothing from the handler will be. Answer with the framework's own 500. */
  fail(error: unknown): void;
  /** When it has failed: the `Set-Cookie` lines of those of its sessions that were stored before. Absent: none. */
  readonly stored?: readonly string[];
  /** An error that can no longer be reported in an answer; write it to the log. Must not throw. */
  report(error: unknown): void;
  /** The response is a stand-in whose head goes out now and cannot wait. Absent: nothing to do then. */
  detach?(): void;
}

/**
 * - `open`: nothing was sent.
 * - `headed`: the head is fixed, by `writeHead` or by the first byte, and `settle` was not called yet.
 * - `waiting`: `settle` has not answered yet.
 * - `passed`: calls go straight through.
 * - `abandoned`: another answer replaces the handler's, and nothing more of the handler's is sent.
 */
export type State = "open" | "headed" | "waiting" | "passed" | "abandoned";

/** The methods that are intercepted. */
export type HeldName = "writeHead" | "write" | "end" | "flushHeaders";
/** Calls that may be kept for later: Node's own, and a compressor's `flush`. */
export type Sending = Exclude<HeldName, "writeHead"> | "flush";
/** One signature for all overloads. */
export type Method = (this: ServerResponse, ...args: unknown[]) => unknown;

/** A call that is kept for later. */
export interface Call {
  name: Sending;
  args: unknown[];
}

/** One response under hold. */
export interface Held {
  hold: Hold;
  state: State;
  /** The status in the head, once the head is fixed. */
  status: number;
  /** True while the head is being fixed because of a first byte, not because the app called `writeHead`. */
  isImplied: boolean;
  /** True if the app called `writeHead`: Node then frames the body differently. */
  isExplicit: boolean;
  /** True if the head went out by a route that is not held, so it can no longer be changed. */
  isGone: boolean;
  /** Calls made while waiting, in order; null while there are none. */
  calls: Call[] | null;
  /** Bytes of the writes among them. */
  keptBytes: number;
  /** True when a writer was told to wait. */
  isTold: boolean;
  /** True if `end` is among the calls. */
  ended: boolean;
  /** How many times a writer was woken after another answer was sent. */
  wakings: number;
  /** The headers that were set before the session was attached. */
  headersBefore: OutgoingHttpHeaders;
  /** The methods that were there before the session was attached. */
  readonly below: Below;
  /** The methods that the hold put in front of them. */
  readonly ours: Readonly<Record<HeldName, Method>>;
}

/** The methods of a response before it is held: Node's own, or those that middleware installed earlier. */
export interface Below extends Record<HeldName, Method> {
  /** Sends what was compressed so far; only a compressing layer has it. */
  flush: Method | undefined;
  /** Where listeners are added. */
  on: ServerResponse["on"];
  /** True if no layer is below, so Node itself takes what is sent. */
  isShared: boolean;
}

/** A held response. */
export type HeldResponse = ServerResponse & { [HELD]?: Held };

/** Where a response keeps its state. */
export const HELD = Symbol("session-bridge.held");

/** The state of a response. */
export function heldOf(response: HeldResponse): Held {
  const held = response[HELD];
  if (!held) throw new Error(`${PREFIX}The response is not held.`);
  return held;
}

/** Installs these methods in front of the existing ones. */
export function install(response: ServerResponse, methods: Record<HeldName, Method>): void {
  response.writeHead = methods.writeHead as ServerResponse["writeHead"]; // one signature for all overloads
  response.write = methods.write as ServerResponse["write"]; // as above
  response.end = methods.end as ServerResponse["end"]; // as above
  response.flushHeaders = methods.flushHeaders;
}

/** Removes and returns the kept calls. */
export function takeCalls(held: Held): Call[] {
  const { calls } = held;
  held.calls = null;
  return calls ?? [];
}
