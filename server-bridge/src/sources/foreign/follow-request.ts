/**
 * What following a foreign session library has in common, whichever it is: one request's session from load to late write.
 *
 * Nothing here throws into the app: a fault in following ends the following of that request, with one line.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type {
  Observation,
  ObservedCookie,
  ObservedSession,
  Observer,
  RequestFacts,
} from "../../core/observers/observer.ts";

/** A session of a foreign library: everything it keeps, its own bookkeeping included. */
export type ForeignData = Record<string, unknown>;

/** Follows one request; the library's hooks report to it. */
export interface FollowedRequest {
  readonly observation: Observation;
  /** The store answered: `data` is null when it has no such session. */
  loaded(key: string, data: ForeignData | null, durationMs: number): void;
  saved(key: string, data: ForeignData, durationMs: number): void;
  destroyed(durationMs: number): void;
  /** The response's head is settled. `current` is the session that the handler left. */
  ended(status: number, cookie: ObservedCookie | null): void;
  /** The response is done. What `current` holds beyond what was saved is lost. */
  closed(current: ForeignData | null): void;
}

/** Splits what the developer keeps in a session from what the library keeps about it. */
export interface Shape {
  /** The developer's data as JSON text. */
  toJson(data: ForeignData): string;
  /** All of it as one text to compare; equal while nothing but the end has moved. */
  toStored(data: ForeignData): string;
  /** When the stored session ends; null when it does not say. */
  readEnd(data: ForeignData): number | null;
}

/** Starts following a request; undefined when no one observes it. */
export function followRequest(
  observer: Observer,
  request: IncomingMessage,
  shape: Shape,
): FollowedRequest | undefined {
  const observation = observer.opened(factsOf(request));
  return observation && createFollowedRequest(observation, shape);
}

/** What an observer gets of a request first. */
export function factsOf(request: IncomingMessage): RequestFacts {
  const path = (request.url ?? "/").split("?", 1)[0] ?? "/";
  return { method: request.method ?? "GET", path, identity: request };
}

function createFollowedRequest(observation: Observation, shape: Shape): FollowedRequest {
  let before: ObservedSession | null = null;
  let after: ObservedSession | null = null;
  let seen = false;
  let modified = false;
  const view = (key: string, data: ForeignData): ObservedSession => ({
    key,
    json: shape.toJson(data),
    stored: shape.toStored(data),
    expiresAtMs: shape.readEnd(data),
  });
  return {
    observation,
    loaded(key, data, durationMs) {
      seen = true;
      before = data && view(key, data);
      after = before;
      observation.operation("load", durationMs, data ? undefined : "unknown key");
      observation.loaded(before);
    },
    saved(key, data, durationMs) {
      seen = true;
      const now = view(key, data);
      const name = after === null ? "create" : after.key === key ? "save" : "cycle";
      modified ||= now.json !== after?.json || name !== "save";
      after = now;
      observation.operation(name, durationMs, modified ? undefined : "unchanged");
    },
    destroyed(durationMs) {
      seen = true;
      modified = true;
      after = null;
      observation.operation("flush", durationMs);
    },
    ended(status, cookie) {
      observation.ended({ status, accessed: seen, modified, after, unsaved: null, cookie, conflictKeys: [] });
    },
    closed(current) {
      if (current === null || after === null) return;
      for (const key of differingKeys(after.json, shape.toJson(current))) observation.late(key);
    },
  };
}

/**
 * Calls `settled` once the innermost `end` has run, which is after the library's own saving, and `done` when the
 * response is over. The response itself stays as it is; what the callbacks throw is logged and goes no further.
 */
export function watchResponse(response: ServerResponse, settled: () => void, done: () => void): void {
  const { end } = response;
  if (typeof end !== "function" || typeof response.once !== "function") return; // a stand-in, as WebSocket servers give
  let told = false;
  const tell = () => {
    if (!told) quietly(settled);
    told = true;
  };
  response.end = function follow(this: ServerResponse, ...last: unknown[]) {
    const result = Reflect.apply(end, this, last);
    tell();
    return result;
  } as typeof end; // overloads, passed through as they are
  response.once("close", () => {
    tell();
    quietly(done);
  });
}

/** Runs what must never disturb the app. */
export function quietly(run: () => void): void {
  try {
    run();
  } catch (error) {
    console.warn(
      `[sessions] following a request failed, its trace is incomplete: ${error instanceof Error ? error.message : error}`,
    );
  }
}

function differingKeys(one: string, other: string): string[] {
  if (one === other) return [];
  const left: Record<string, unknown> = JSON.parse(one);
  const right: Record<string, unknown> = JSON.parse(other);
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...keys].filter((key) => JSON.stringify(left[key]) !== JSON.stringify(right[key]));
}
