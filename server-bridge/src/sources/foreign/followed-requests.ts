/**
 * Which request a call to a foreign store belongs to: known if the library itself says so, otherwise by the call's
 * asynchronous context. Stores and drivers lose that context, or carry another request's, so it is trusted only while
 * nothing contradicts it.
 */
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

/** What a store call reveals about the request that it belongs to. */
interface CallFacts {
  /** The key that the store is called for. */
  key: string;
  /** What is stored, if something is. */
  session?: object | undefined;
  /** True if the call loads the session. */
  loads?: boolean;
  /** True if the call deletes the session. */
  ends?: boolean;
}

/** The requests that are being followed. */
export interface FollowedRequests {
  /** Starts following a request, unless it is followed already. Returns undefined then, and if no one observes. */
  begin(options: BeginOptions): FollowedRequest | undefined;
  /**
   * The request that this call is for; undefined if that is not known, because a call is better in no trace than in a
   * wrong one. The traces that it may be missing from say so.
   */
  find(call: CallFacts): FollowedRequest | undefined;
  /** What is followed of this request. */
  of(request: object): FollowedRequest | undefined;
  /** The request in whose async context this is called, while it is open. */
  running(): FollowedRequest | undefined;
  /** The library starts on this request: the next call for its own key, in the same turn, is its load. */
  enter(request: object): void;
  /** Runs the library's work for this request: calls that it makes synchronously belong to the request. */
  during<T>(request: object, run: () => T): T;
  /** Runs what follows in the request's async context, which the store may have lost. */
  resume<T>(followed: FollowedRequest, run: () => T): T;
}

interface BeginOptions extends Ownership {
  observer: Observer;
  request: IncomingMessage;
  response: ServerResponse;
  /** The session cookie's name. */
  name: string;
  shape: Shape;
  /** The key in the raw value of a cookie that the response sets. */
  keyOf(cookie: string): string | null | Promise<string | null>;
  /** What `owns` and `shown` still wait for, if anything. It must not reject. */
  ready?: Promise<unknown>;
  /** Called just before `settled`, while the trace can still be told what is missing from it. */
  ending?(followed: FollowedRequest, issued: string | null): void;
  /** Called when the response's head is settled, and everything done to the session is known. */
  settled?(followed: FollowedRequest): void;
  /** The session that the handler has left, as it would be stored; null if there is none or it cannot be seen. */
  current(): ForeignData | null;
}

/** How a library ties its sessions to requests. */
interface Ties {
  /** The request that a stored session belongs to. Default: its `req`. */
  requestOf?(session: object): unknown;
  /**
   * True if the library deletes sessions without naming the request: without a context, a deletion then belongs to the
   * only open request with this session.
   */
  endsByKey?: boolean;
}

/** A registry of followed requests; one for each source. */
export function createFollowedRequests(ties: Ties = {}): FollowedRequests {
  const { requestOf = (session) => Reflect.get(session, "req"), endsByKey = false } = ties;
  const running = new AsyncLocalStorage<FollowedRequest>();
  const byRequest = new WeakMap<object, FollowedRequest>();
  const open = createOpenRequests(endsByKey);
  const over = new WeakSet<FollowedRequest>();
  /**
   * True once a call that is known to be one request's arrived in the context of another: from then on no context is
   * trusted.
   */
  let areMixed = false;

  const of = (request: unknown) =>
    typeof request === "object" && request !== null ? byRequest.get(request) : undefined;
  const { current: findCurrent, enter, during } = createCurrent(of, open.owns);

  /** The request that the library itself has named. */
  const findNamed = ({ key, session }: CallFacts, context: FollowedRequest | undefined) => {
    const owner = session === undefined ? undefined : of(requestOf(session));
    // an in-memory store returns the sessions of requests that are over
    const isPast = owner !== undefined && over.has(owner) && owner !== context;
    return isPast || owner === undefined ? findCurrent(session === undefined ? key : null) : owner;
  };
  const find = (call: CallFacts): FollowedRequest | undefined => {
    const context = running.getStore();
    const named = findNamed(call, context);
    if (named !== undefined) {
      areMixed ||= context !== undefined && context !== named;
      return named;
    }
    // what continues after the response belongs to no request
    if (context !== undefined && !areMixed && !over.has(context)) return context;
    return open.findByKey(call, context === undefined || areMixed);
  };

  return {
    begin(options) {
      const { observer, request, response, shape, current } = options;
      if (byRequest.has(request)) return undefined; // nested apps: one trace per request
      const followed = followRequest(observer, request, shape, options);
      if (!followed) return undefined;
      byRequest.set(request, followed);
      running.enterWith(followed);
      const isWatched = watchResponse(
        response,
        () => {
          open.asked(followed);
          settle(followed, options);
        },
        () => {
          open.close(followed);
          over.add(followed);
          quietly(() => followed.closed(current()));
        },
      );
      if (isWatched) open.add(followed, options.owns);
      return followed;
    },
    of,
    running() {
      const followed = running.getStore();
      return followed === undefined || over.has(followed) ? undefined : followed;
    },
    find(call) {
      const found = find(call);
      if (found === undefined) open.missed(call.key);
      else if (call.loads === true) open.asked(found);
      return found;
    },
    enter,
    during,
    resume: (followed, run) => running.run(followed, run),
  };
}

/** Ends what is followed of a request whose response's head is settled. */
function settle(
  followed: FollowedRequest,
  { response, name, keyOf, ready, ending, settled }: BeginOptions,
): void {
  const set = readSetCookie(response, name);
  const { statusCode } = response;
  whenKnown(set && keyOf(set.value), ready, (issued) => {
    ending?.(followed, issued);
    followed.ended(statusCode, set?.observed ?? null, issued);
    settled?.(followed);
  });
}

/** Calls `end` with the key that a response issues: at once, or when that key and what `end` needs besides are known. */
function whenKnown(
  issued: string | null | Promise<string | null>,
  ready: Promise<unknown> | undefined,
  end: (issued: string | null) => void,
): void {
  if (ready === undefined && !(issued instanceof Promise)) {
    end(issued);
    return;
  }
  // both at once: a check that fails while the other one still runs must not be a rejection without a handler
  void Promise.allSettled([issued, ready]).then(([checked]) => {
    // rejected: the app's own check of its cookie failed
    quietly(() => end(checked.status === "fulfilled" ? checked.value : null));
  });
}

/** The requests whose response is not over, and which keys are theirs. */
function createOpenRequests(endsByKey: boolean) {
  const open = new Map<FollowedRequest, Ownership["owns"]>();
  /** Those whose session the library has loaded, and those whose response is settled. */
  const asked = new WeakSet<FollowedRequest>();
  const findOnlyOwner = (key: string): FollowedRequest | undefined => {
    const [owner, ...others] = [...open].filter(([, owns]) => owns(key));
    return others.length === 0 ? owner?.[0] : undefined;
  };
  return {
    add: (followed: FollowedRequest, owns: Ownership["owns"]) => void open.set(followed, owns),
    close: (followed: FollowedRequest) => void open.delete(followed),
    asked: (followed: FollowedRequest) => void asked.add(followed),
    owns: (followed: FollowedRequest, key: string) => open.get(followed)?.(key) === true,
    /** The only request that the call can be for, by its key alone. `isLost`: no context identifies it. */
    findByKey({ key, loads, ends }: CallFacts, isLost: boolean): FollowedRequest | undefined {
      if (endsByKey && ends === true) return findOnlyOwner(key);
      if (loads !== true || !isLost) return undefined;
      // the library loads each request's session before its handler can: if one has not been loaded yet, this call is
      // the load
      const owner = findOnlyOwner(key);
      return owner === undefined || asked.has(owner) || owner.held.has(key) ? undefined : owner;
    },
    /** It is not known which of them this call was for. */
    missed(key: string): void {
      for (const followed of open.keys()) followed.missed(key, "contexts");
    },
  };
}

/** The request that the library is working for in this turn. */
function createCurrent(
  of: (request: object) => FollowedRequest | undefined,
  owns: (followed: FollowedRequest, key: string) => boolean,
) {
  let calling: FollowedRequest | undefined;
  let entering: FollowedRequest | undefined;
  return {
    /**
     * @param key what the library would load for a request that it just started on; null if the call cannot be that
     * load
     */
    current(key: string | null): FollowedRequest | undefined {
      if (calling !== undefined || key === null) return calling;
      const entered = entering !== undefined && owns(entering, key) ? entering : undefined;
      if (entered !== undefined) entering = undefined;
      return entered;
    },
    enter(request: object): void {
      const entered = of(request);
      entering = entered;
      queueMicrotask(() => {
        if (entering === entered) entering = undefined;
      });
    },
    during<T>(request: object, run: () => T): T {
      const before = calling;
      calling = of(request);
      try {
        return run();
      } finally {
        calling = before;
      }
    },
  };
}
