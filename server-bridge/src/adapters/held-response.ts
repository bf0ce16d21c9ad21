/** What is known of a response under hold, and how it is reached from the response. */
import type { OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { OutgoingFacts, ResponseChanges } from "../core/request/facts.ts";

/** How a response is held. */
export interface Hold {
  /** Decides about the head, once. What it throws, or rejects with, goes to `fail`. */
  settle(facts: OutgoingFacts): ResponseChanges | Promise<ResponseChanges>;
  /** Nothing was sent, and nothing of the handler's will be: answer with the framework's own 500. */
  fail(error: unknown): void;
  /** An error that no answer can report any more, for the log. Must not throw. */
  report(error: unknown): void;
  /** The response is a stand-in, whose head goes out now and cannot wait. Absent: nothing is to be done then. */
  detach?(): void;
}

/**
 * - `open`: nothing was sent.
 * - `headed`: the head is fixed, by `writeHead` or by the first byte, and `settle` was not asked yet.
 * - `waiting`: `settle` has not answered yet.
 * - `passed`: everything goes straight on.
 * - `abandoned`: another answer takes the place of the handler's, of which nothing more is sent.
 */
export type State = "open" | "headed" | "waiting" | "passed" | "abandoned";

/** The methods that are held. */
export type HeldName = "writeHead" | "write" | "end" | "flushHeaders";
/** What may be kept for later: Node's, and `flush`, which is a compressor's. */
export type Sending = Exclude<HeldName, "writeHead"> | "flush";
/** One form for all overloads. */
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
  /** The head's status, once the head is fixed. */
  status: number;
  /** True while the head is fixed on behalf of a first byte, not of a `writeHead` of the app's. */
  isImplied: boolean;
  /** True when the app called `writeHead`: Node frames a body differently then. */
  isExplicit: boolean;
  /** True when the head went out by ways that are not held: it cannot be changed any more. */
  isGone: boolean;
  /** What was called while waiting, in order; null as long as there is nothing. */
  calls: Call[] | null;
  /** Bytes of the writes among them. */
  keptBytes: number;
  /** True when a writer was told to wait. */
  isTold: boolean;
  /** True when `end` is among the calls. */
  ended: boolean;
  /** How often a writer was woken after another answer was sent. */
  wakings: number;
  /** The headers that were there before the session came in. */
  headersBefore: OutgoingHttpHeaders;
  /** What stood there when the session came in. */
  readonly below: Below;
  /** What the hold has put in front of it. */
  readonly ours: Readonly<Record<HeldName, Method>>;
}

/** What is there of a response before it is held: Node's own, or what middleware put there before. */
export interface Below extends Record<HeldName, Method> {
  /** Sends what was compressed so far; only a layer has it. */
  flush: Method | undefined;
  /** Where listeners go. */
  on: ServerResponse["on"];
  /** True when no layer is below, so that Node itself takes what is sent. */
  isShared: boolean;
}

/** A response under hold. */
export type HeldResponse = ServerResponse & { [HELD]?: Held };

/** Where a response keeps what is known of it. */
export const HELD = Symbol("session-bridge.held");

/** What is known of a response. @throws Error when it is not held */
export function heldOf(response: HeldResponse): Held {
  const held = response[HELD];
  if (!held) throw new Error("[sessions] The response is not held.");
  return held;
}

/** Puts these methods in front of what is there. */
export function install(response: ServerResponse, methods: Record<HeldName, Method>): void {
  response.writeHead = methods.writeHead as ServerResponse["writeHead"]; // one form for all overloads
  response.write = methods.write as ServerResponse["write"]; // as above
  response.end = methods.end as ServerResponse["end"]; // as above
  response.flushHeaders = methods.flushHeaders;
}

/** Takes the kept calls out. */
export function takeCalls(held: Held): Call[] {
  const { calls } = held;
  held.calls = null;
  return calls ?? [];
}
