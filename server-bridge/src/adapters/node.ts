/**
 * Sessions for node:http, Connect and Express: `request.session`, and the response held until it is stored.
 */
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import { describeError, misuse } from "../core/errors.ts";
import type { OutgoingFacts, RequestSession, ResponseChanges } from "../core/request/facts.ts";
import { openSession } from "../core/request/open-session.ts";
import type { Session, SessionShape } from "../core/session/api.ts";
import type { Sessions } from "../core/sessions.ts";
import { type Hold, holdResponse, reportLine, twoSessions } from "./hold-response.ts";
import { readIncoming } from "./request-facts.ts";

declare module "node:http" {
  interface IncomingMessage {
    /** The session, once `sessionMiddleware` or `withSessions` has seen the request. */
    session: Session<SessionShape>;
  }
}

/** A request as Node gives it, over HTTP/1 or HTTP/2. */
export type NodeRequest = IncomingMessage | Http2ServerRequest;
/** Node's response to it. */
export type NodeResponse = ServerResponse | Http2ServerResponse;

/** The middleware's form in Connect and Express. */
export type SessionMiddleware = (
  request: NodeRequest,
  response: NodeResponse,
  next: (error?: unknown) => void,
) => void;

/** A request with a session whose data have a type of their own. */
export type RequestWithSession<Data> = Omit<IncomingMessage, "session"> & { session: Session<Data> };

/**
 * Middleware for Connect and Express.
 *
 * Place it after `openBridge` and before everything that uses sessions. A store that fails is given to `next`. Used again for the
 * same request, it does nothing; with other sessions, it gives `next` an error.
 *
 * It also serves WebSocket servers that take middleware (`io.engine.use(…)`). Their handshake cannot wait for a store: what
 * was changed by then is stored without a new cookie, and what is changed later by `await request.session.save()`.
 */
export function sessionMiddleware<Data>(sessions: Sessions<Data>): SessionMiddleware {
  return (given, givenResponse, next) => {
    // those of HTTP/2 are used by what they have in common with those of HTTP/1
    const request = given as AttachedRequest;
    const response = givenResponse as ServerResponse;
    const attached = request[ATTACHED]; // put there by `attach` only
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
      opened.then((ready) => begin(sessions, ready, request, response, next), next);
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

/** A handler for `createServer`, with sessions. A handler that throws, or a store that fails, is answered with 500. */
export function withSessions<Data>(
  sessions: Sessions<Data>,
  handler: (request: RequestWithSession<Data>, response: ServerResponse) => unknown,
): (request: NodeRequest, response: NodeResponse) => void {
  const middleware = sessionMiddleware(sessions);
  return (given, givenResponse) => {
    const request = given as IncomingMessage; // as in the middleware
    const response = givenResponse as ServerResponse;
    const fail = (error: unknown) => {
      sessions.log(`[sessions] ${request.method} failed: ${describeError(error)}`);
      if (response.headersSent) {
        response.destroy();
        return;
      }
      response.statusCode = 500;
      response.setHeader("Content-Type", "text/plain; charset=utf-8");
      response.end(`${STATUS_CODES[500]}\n`);
    };
    const run = async () => {
      // the middleware has put the session there; its data's type is the caller's word
      await handler(request as RequestWithSession<Data>, response);
    };
    middleware(request, response, (error) => {
      if (error === undefined) void run().catch(fail);
      else fail(error);
    });
  };
}

/** The request's session, until it is closed; and where a failure goes. */
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
      (told) => told !== null && log(`[sessions] ${told}`),
      (error: unknown) =>
        log(
          `[sessions] What a WebSocket's handshake changed in the session could not be stored: ${describeError(error)}`,
        ),
    );
  }
}

const ATTACHED = Symbol("session-bridge.attached");
type AttachedRequest = IncomingMessage & { [ATTACHED]?: Attached<unknown> };

/** One descriptor for all requests: functions made for each would give each request a class of its own in the engine. */
const SESSION_PROPERTY: PropertyDescriptor & ThisType<AttachedRequest> = {
  configurable: true,
  enumerable: true,
  get() {
    return this[ATTACHED]?.opened.session;
  },
  set(value: unknown) {
    if (value === null || value === undefined) {
      throw misuse(`request.session = ${value} would log no one out. Say: await request.session.flush()`);
    }
    Object.defineProperty(this, "session", { value, configurable: true, enumerable: true, writable: true });
  },
};

function attach<Data>(request: AttachedRequest, response: ServerResponse, attached: Attached<Data>): void {
  // at once, and not at the first touch: in response.end(request.session.get("x")) the method is looked up before the session
  holdResponse(response, attached);
  request[ATTACHED] = attached;
  Object.defineProperty(request, "session", SESSION_PROPERTY);
}
