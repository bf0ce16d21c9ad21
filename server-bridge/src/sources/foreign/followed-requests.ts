/** Which request a foreign store's call belongs to: by the call's own asynchronous context, or by the session's request. */
import { AsyncLocalStorage } from "node:async_hooks";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Observer } from "../../core/observers/observer.ts";
import {
  type FollowedRequest,
  type ForeignData,
  followRequest,
  type Ownership,
  quietly,
  type Shape,
  watchResponse,
} from "./follow-request.ts";
import { readSetCookie } from "./set-cookie.ts";

/** The requests that are followed now. */
export interface FollowedRequests {
  /** Begins to follow a request, unless it is followed already. Returns undefined then, and when no one observes. */
  begin(options: BeginOptions): FollowedRequest | undefined;
  /** The request in whose course this is called; a session with a `req` names its own. */
  find(session?: object): FollowedRequest | undefined;
  /** What is followed of this request. */
  of(request: object): FollowedRequest | undefined;
}

interface BeginOptions extends Ownership {
  observer: Observer;
  request: IncomingMessage;
  response: ServerResponse;
  /** The session cookie's name. */
  name: string;
  shape: Shape;
  /** The key in a cookie's raw value that the response sets. */
  keyOf(cookie: string): string | null;
  /** Called when the response's head is settled, and everything done to the session is known. */
  settled?(): void;
  /** The session that the handler has left, as it would be stored; null when there is none or it cannot be seen. */
  current(): ForeignData | null;
}

/** A book of followed requests; one for each source. */
export function createFollowedRequests(): FollowedRequests {
  const running = new AsyncLocalStorage<FollowedRequest>();
  const byRequest = new WeakMap<object, FollowedRequest>();
  return {
    begin({ observer, request, response, name, shape, current, keyOf, settled, ...ownership }) {
      if (byRequest.has(request)) return undefined; // nested apps: one trace a request
      const followed = followRequest(observer, request, shape, ownership);
      if (!followed) return undefined;
      byRequest.set(request, followed);
      running.enterWith(followed);
      watchResponse(
        response,
        () => {
          const set = readSetCookie(response, name);
          followed.ended(response.statusCode, set?.observed ?? null, set && keyOf(set.value));
          settled?.();
        },
        () => quietly(() => followed.closed(current())),
      );
      return followed;
    },
    of: (request) => byRequest.get(request),
    find(session) {
      const owner = session && "req" in session && typeof session.req === "object" ? session.req : null;
      return (owner && byRequest.get(owner)) ?? running.getStore();
    },
  };
}
