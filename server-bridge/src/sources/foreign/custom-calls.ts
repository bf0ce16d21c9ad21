/** What an app reports about its own sessions, as calls that the bridge's source hears. Nothing here throws into the app. */
import { AsyncLocalStorage } from "node:async_hooks";
import { describeError } from "../../core/errors.ts";
import { once, warn } from "../../core/runtime.ts";
import { type AppCall, isWatched, publishCall } from "./app-calls.ts";
import { type CustomSession, readRow, toCallData } from "./custom-row.ts";

/**
 * What an app calls when it has done something to a session. A call belongs to the trace of the request in which it is
 * made; outside a request, to none. Calls from the source's own functions are ignored while the bridge runs them. `durationMs` is how long the table took; 0 if it is not given.
 */
export interface CustomCalls {
  /** The app has looked for this key. @param session null if there is none */
  loaded(key: string, session: CustomSession | null | undefined, durationMs?: number): void;
  /** The app has stored the whole session under this key. */
  saved(key: string, session: CustomSession, durationMs?: number): void;
  /** The app has deleted the session of this key. */
  deleted(key: string, durationMs?: number): void;
}

/**
 * Set while the bridge itself calls one of the app's functions, which may report what it does. A connection that is opened
 * meanwhile keeps the context for good, so it says when the call is over.
 */
const asking = new AsyncLocalStorage<{ isOver: boolean }>();

/** Runs one of the app's functions for the bridge: what it reports meanwhile belongs to no request. */
export function askApp<T>(run: () => T): T {
  const asked = { isOver: false };
  const end = () => {
    asked.isOver = true;
  };
  let result: T | undefined;
  try {
    result = asking.run(asked, run);
    return result;
  } finally {
    if (result instanceof Promise) result.then(end, end);
    else end();
  }
}

/** What an app is given for the source of this name. */
export function createCustomCalls(name: string): CustomCalls {
  const sayOnce = once((why: string) =>
    warn(
      `customSource(${JSON.stringify(name)}): a call of watch() was not understood, so traces are incomplete. ${why}`,
    ),
  );
  const publish = (called: AppCall["name"], key: unknown, session: unknown, durationMs: unknown) => {
    if (!isWatched(name) || asking.getStore()?.isOver === false) return;
    const row = readRow(session);
    if (typeof key !== "string" || key === "") sayOnce("Pass the key as a string.");
    else if (typeof row === "string") sayOnce(row);
    else if (called === "save" && row === null) sayOnce("Pass saved() the session that was stored.");
    else if (row?.key === undefined || row.key === key) {
      const duration = typeof durationMs === "number" && durationMs >= 0 ? durationMs : 0;
      publishCall(name, { name: called, key, data: row && toCallData(row), durationMs: duration });
    }
  };
  const tell = (...call: Parameters<typeof publish>) => {
    try {
      publish(...call);
    } catch (error) {
      sayOnce(describeError(error));
    }
  };
  return {
    loaded: (key, session, durationMs) => tell("load", key, session, durationMs),
    saved: (key, session, durationMs) => tell("save", key, session, durationMs),
    deleted: (key, durationMs) => tell("delete", key, null, durationMs),
  };
}
