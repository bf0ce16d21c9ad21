/**
 * Sessions for node:http, Connect and Express: `request.session`, and a response that is held until the session is
 * stored.
 */
import "../core/runtime.ts";
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import { describeError, misuse, statusOf, UNAVAILABLE_HEADERS, UNAVAILABLE_TEXT } from "../core/errors.ts";
import type { OutgoingFacts, RequestSession, ResponseChanges } from "../core/request/facts.ts";
import { openSession } from "../core/request/open-session.ts";
import type { Session, SessionShape } from "../core/session/api.ts";
import type { Sessions } from "../core/sessions.ts";
import { createFailureLog } from "./failure-log.ts";
import { type Hold, holdResponse, reportLine, twoSessions } from "./hold-response.ts";
import { readIncoming } from "./request-facts.ts";

declare module "node:http" {
  interface IncomingMessage {
    /** The session. Available once `sessionMiddleware` or `withSessions` has seen the request. */
    session: Session<SessionShape>;
  }
}

/** A Node request, over HTTP/1 or HTTP/2. */
export type NodeRequest = IncomingMessage | Http2ServerRequest;
/** The Node response to it. */
export type NodeResponse = ServerResponse | Http2ServerResponse;

/** The signature of middleware in Connect and Express. */
export type SessionMiddleware = (
  request: NodeRequest,
  response: NodeResponse,
  next: (error?: unknown) => void,
) => void;

/** A request whose session data has its own type. */
export type RequestWithSession<Data> = Omit<IncomingMessage, "session"> & { session: Session<Data> };

/**
 * Middleware for Connect and Express.
 *
 * Put it after `openBridge` and before everything that uses sessions. If the store fails, its error goes to `next`; if it
 * does not answer, that error has `status` 503.
 * Used a second time for the same request, it does nothing; with different sessions, it passes an error to `next`.
 *
 * It also works with WebSocket servers that take middleware (`io.engine.use(…)`). Their handshake cannot wait for a
 * store: changes made before it are stored without a new cookie; store later changes with `await
 * request.session.save()`.
 */
export function sessionMiddleware<Data>(sessions: Sessions<Data>): SessionMiddleware {
  return (given, givenResponse, next) => {
    // HTTP/2 requests and responses are used only through what they share with those of HTTP/1
    const request = given as AttachedRequest;
    const response = givenResponse as ServerResponse;
    const attached = request[ATTACHED]; // set only by `attach`
    if (attached !== undefined) {
      next(attached.sessions === sessions ? undefined : twoSessions());
      return;
    }
    let opened: RequestSession<Data> | Promise<RequestSession<Data>>;
    try {
      opened = openSession(sessions, readIncoming(request));
    } catch (error) {
      next(error);
      return;
    }
    if (opened instanceof Promise)
      opened.then((ready) => {
        // a socket lives longer than the failure, and code that uses its session runs in event listeners
        if (ready.failure !== null && request.headers.upgrade !== undefined) next(ready.failure);
        else begin(sessions, ready, request, response, next);
      }, next);
    else begin(sessions, opened, request, response, next);
  };
}

function begin<Data>(
  sessions: Sessions<Data>,
  opened: RequestSession<Data>,
  request: AttachedRequest,
  response: ServerResponse,
  next: (error?: unknown) => void,
): void {
  try {
    attach(request, response, new Attached(sessions, opened, next));
  } catch (error) {
    next(error);
    return;
  }
  next();
}

/**
 * Wraps a handler for `createServer` so that each request has its session. If the handler throws or the store fails,
 * the answer is a 500; a 503 if the store does not answer.
 */
export function withSessions<Data>(
  sessions: Sessions<Data>,
  handler: (request: RequestWithSession<Data>, response: ServerResponse) => unknown,
): (request: NodeRequest, response: NodeResponse) => void {
  const middleware = sessionMiddleware(sessions);
  const log = createFailureLog(sessions.log);
  return (given, givenResponse) => {
    const request = given as IncomingMessage; // as in the middleware
    const response = givenResponse as ServerResponse;
    const fail = (error: unknown) => {
      log(request.method, error);
      if (response.headersSent) response.destroy();
      else sendFailure(response, error);
    };
    const run = async () => {
      // the middleware has set the session; the caller vouches for the type of its data
      await handler(request as RequestWithSession<Data>, response);
    };
    middleware(request, response, (error) => {
      if (error === undefined) void run().catch(fail);
      else fail(error);
    });
  };
}

/** Sends a 500, or the 503 of a store that does not answer. */
function sendFailure(response: ServerResponse, error: unknown): void {
  const status = statusOf(error);
  response.statusCode = status;
  response.setHeader("Content-Type", "text/plain; charset=utf-8");
  if (status === 503)
    for (const [name, value] of Object.entries(UNAVAILABLE_HEADERS)) response.setHeader(name, value);
  response.end(status === 503 ? UNAVAILABLE_TEXT : `${STATUS_CODES[status]}\n`);
}

/** The request's session until it is closed, and where a failure goes. */
class Attached<Data> implements Hold {
  readonly sessions: Sessions<Data>;
  readonly opened: RequestSession<Data>;
  readonly fail: (error: unknown) => void;

  constructor(sessions: Sessions<Data>, opened: RequestSession<Data>, fail: (error: unknown) => void) {
    this.sessions = sessions;
    this.opened = opened;
    this.fail = fail;
  }

  settle(facts: OutgoingFacts): ResponseChanges | Promise<ResponseChanges> {
    return this.opened.close(facts);
  }

  report(error: unknown): void {
    this.sessions.log(reportLine(error));
  }

  detach(): void {
    const { log } = this.sessions;
    this.opened.detach().then(
      (told) => told !== null && log(told),
      (error: unknown) =>
        log(`Session changes made during a WebSocket handshake could not be stored: ${describeError(error)}`),
    );
  }
}

const ATTACHED = Symbol("session-bridge.attached");
type AttachedRequest = IncomingMessage & { [ATTACHED]?: Attached<unknown> };

/**
 * One descriptor for all requests: separate functions would give each request a different hidden class in the engine.
 */
const SESSION_PROPERTY: PropertyDescriptor & ThisType<AttachedRequest> = {
  configurable: true,
  enumerable: true,
  get() {
    return this[ATTACHED]?.opened.session;
  },
  set(value: unknown) {
    if (value === null || value === undefined) {
      throw misuse(
        `request.session = ${value} would log no one out. Use await request.session.flush() instead.`,
      );
    }
    Object.defineProperty(this, "session", { value, configurable: true, enumerable: true, writable: true });
  },
};

function attach<Data>(request: AttachedRequest, response: ServerResponse, attached: Attached<Data>): void {
  // now, and not when the session is first used: in response.end(request.session.get("x")) the method is looked up
  // before the session
  holdResponse(response, attached);
  request[ATTACHED] = attached;
  Object.defineProperty(request, "session", SESSION_PROPERTY);
}
