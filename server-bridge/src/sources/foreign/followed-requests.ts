/** Which request a foreign store's call belongs to: by the call's own asynchronous context, or by the session's request. */
import { AsyncLocalStorage } from "node:async_hooks";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Observer } from "../../core/observers/observer.ts";
import {
  type FollowedRequest,
  type ForeignData,
  followRequest,
  quietly,
  type Shape,
  watchResponse,
} from "./follow-request.ts";
import { readSetCookie } from "./set-cookie.ts";

/** The requests that are followed now. */
interface FollowedRequests {
  /** Begins to follow a request, unless it is followed already. Returns undefined then, and when no one observes. */
  begin(options: BeginOptions): FollowedRequest | undefined;
  /** The request in whose course this is called; a session with a `req` names its own. */
  find(session?: object): FollowedRequest | undefined;
}

interface BeginOptions {
  observer: Observer;
  request: IncomingMessage;
  response: ServerResponse;
  /** The session cookie's name. */
  name: string;
  shape: Shape;
  /** The session that the handler has left, as it would be stored; null when there is none or it cannot be seen. */
  current(): ForeignData | null;
}

/** A book of followed requests; one for each source. */
export function createFollowedRequests(): FollowedRequests {
  const running = new AsyncLocalStorage<FollowedRequest>();
  const byRequest = new WeakMap<object, FollowedRequest>();
  return {
    begin({ observer, request, response, name, shape, current }) {
      if (byRequest.has(request)) return undefined; // nested apps: one trace a request
      const followed = followRequest(observer, request, shape);
      if (!followed) return undefined;
      byRequest.set(request, followed);
      running.enterWith(followed);
      watchResponse(
        response,
        () => followed.ended(response.statusCode, readSetCookie(response, name)?.observed ?? null),
        () => quietly(() => followed.closed(current())),
      );
      return followed;
    },
    find(session) {
      const owner = session && "req" in session && typeof session.req === "object" ? session.req : null;
      return (owner && byRequest.get(owner)) ?? running.getStore();
    },
  };
}
