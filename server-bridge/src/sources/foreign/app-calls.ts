/**
 * What an app's code does to its sessions, published where the app's own copy of this library sees it, and heard by the
 * copy that has the bridge.
 *
 * A bundler gives each entry of an app a copy of every module. Named diagnostics channels are shared by all copies in a
 * process. They call their listeners synchronously, in the async context and on the stack of the code that publishes.
 */
import { type ForeignData, quietly } from "./follow-request.ts";

/**
 * Null outside of Node, as in Next's Edge runtime: no bridge listens there, and an import would fail when the app loads the
 * module in which it defines its session.
 */
const channels = findChannels();

function findChannels() {
  try {
    return process.getBuiltinModule("node:diagnostics_channel");
  } catch {
    return null; // there is no process, or it forbids this
  }
}

/** What was done to a stored session. */
export interface AppCall {
  /**
   * `create`: the library says that it is new. `cached`: the library took it from a copy in a cookie; this counts only if
   * the request did not call the store for it. `known`: no call; the session as the library has it now, together with what
   * it keeps elsewhere.
   */
  name: "load" | "create" | "save" | "delete" | "cached" | "known";
  key: string;
  /** The session as plain JSON, without its key; null if there is none. */
  data: ForeignData | null;
  durationMs: number;
  /** True: `data` is only what was written. The rest is as the same request last saw it. */
  partial?: true;
  /** Every session of this user was deleted: of those that the request has seen, the ones with this `userId`. `key` is empty. */
  ofUser?: string;
}

/** The app's code writes or deletes a top-level key of its session, now. */
export interface AppWrite {
  name: "write";
  key: string;
}

/** Publishes for the bridge of this process, if it has one. Never throws. */
export function publishCall(library: string, call: AppCall | AppWrite): void {
  const calls = channels?.channel(toName(library));
  if (calls?.hasSubscribers) calls.publish(call);
}

/** True if a bridge of this process shows this library's sessions: otherwise there is nothing to publish for. */
export function isWatched(library: string): boolean {
  return channels?.channel(toName(library)).hasSubscribers ?? false;
}

/** Hears what is published from now on. Returns a function that ends this. */
export function watchCalls(library: string, told: (call: AppCall | AppWrite) => void): () => void {
  // every copy of this library publishes this shape: the name has its version
  const hear = (message: unknown) => quietly(() => told(message as AppCall | AppWrite));
  channels?.subscribe(toName(library), hear);
  return () => void channels?.unsubscribe(toName(library), hear);
}

function toName(library: string): string {
  return `session-bridge.calls.1.${library}`;
}
