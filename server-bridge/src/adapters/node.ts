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
import { type Hold, holdResponse, reportLine } from "./hold-response.ts";
import { readIncoming } from "./request-facts.ts";
import {
  type NamedSession,
  nameTaken,
  readName,
  type SessionNameOptions,
  twoSessions,
} from "./session-name.ts";

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

/** A handler for `createServer`. */
export type NodeListener = (request: NodeRequest, response: NodeResponse) => void;

/** The signature of middleware in Connect and Express. */
export type SessionMiddleware = (
  request: NodeRequest,
  response: NodeResponse,
  next: (error?: unknown) => void,
) => void;

export type { SessionNameOptions } from "./session-name.ts";

/** A request whose session data has its own type, under the name `As`. */
export type RequestWithSession<Data, As extends string = "session"> = Omit<IncomingMessage, As> & {
  [Name in As]: Session<Data>;
};

/**
 * Middleware for Connect and Express.
 *
 * Put it after `openBridge` and before everything that uses sessions. If the store fails, its error goes to `next`; if it
 * does not answer, that error has `status` 503.
 * Used a second time for the same request, it does nothing; with different sessions under the same name, it passes an
 * error to `next`. Under different names, a request has both: `sessionMiddleware(adminSessions, { as: "adminSession" })`.
 *
 * It also works with WebSocket servers that take middleware (`io.engine.use(…)`). Their handshake cannot wait for a
 * store: changes made before it are stored without a new cookie; store later changes with `await
 * request.session.save()`.
 */
export function sessionMiddleware<Data>(
  sessions: Sessions<Data>,
  options: SessionNameOptions = {},
): SessionMiddleware {
  const place = placeOf(readName(options));
  const named = [{ shown: place.shown, sessions }];
  return (given, givenResponse, next) => {
    // HTTP/2 requests and responses are used only through what they share with those of HTTP/1
    const request = given as AttachedRequest;
    const response = givenResponse as ServerResponse;
    const attached = request[place.key]; // set only by `attach`
    if (attached !== undefined) {
      next(attached.sessions === sessions ? undefined : twoSessions(place.shown));
      return;
    }
    if (place !== USUAL && place.name in request) {
      next(nameTaken(place.shown));
      return;
    }
    let opened: RequestSession<Data> | Promise<RequestSession<Data>>;
    try {
      opened = openSession(sessions, readIncoming(request, request, isSecure));
    } catch (error) {
      next(error);
      return;
    }
    if (opened instanceof Promise)
      opened.then((ready) => {
        // a socket lives longer than the failure, and code that uses its session runs in event listeners
        if (ready.failure !== null && request.headers.upgrade !== undefined) next(ready.failure);
        else begin(place, new Attached(named, sessions, ready, next), request, response);
      }, next);
    else begin(place, new Attached(named, sessions, opened, next), request, response);
  };
}

function begin<Data>(
  place: Place,
  attached: Attached<Data>,
  request: AttachedRequest,
  response: ServerResponse,
): void {
  const next = attached.fail;
  try {
    attach(place, request, response, attached);
  } catch (error) {
    next(error);
    return;
  }
  next();
}

/**
 * Wraps a handler for `createServer` so that each request has its session. If the handler throws or the store fails,
 * the answer is a 500; a 503 if the store does not answer. For a second session, wrap what it returns again, with the
 * option `as`.
 */
export function withSessions<Data>(
  sessions: Sessions<Data>,
  handler: (request: RequestWithSession<Data>, response: ServerResponse) => unknown,
): NodeListener;
export function withSessions<Data, As extends string>(
  sessions: Sessions<Data>,
  handler: (request: RequestWithSession<Data, As>, response: ServerResponse) => unknown,
  options: Required<SessionNameOptions<As>>,
): NodeListener;
export function withSessions<Data>(
  sessions: Sessions<Data>,
  handler: (request: never, response: ServerResponse) => unknown,
  options: SessionNameOptions = {},
): NodeListener {
  const middleware = sessionMiddleware(sessions, options);
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
      await handler(request as never, response);
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

/** Express says it in `secure`, which respects its own `trust proxy`. Otherwise it is what the connection is. */
function isSecure(request: IncomingMessage & { secure?: unknown }): boolean {
  if (typeof request.secure === "boolean") return request.secure;
  return Reflect.get(Object(request.socket), "encrypted") === true; // a TLSSocket's, also through HTTP/2
}

/** The request's session until it is closed, and where a failure goes. */
class Attached<Data> implements Hold {
  readonly named: readonly NamedSession[];
  readonly sessions: Sessions<Data>;
  readonly opened: RequestSession<Data>;
  readonly fail: (error?: unknown) => void;

  constructor(
    named: readonly NamedSession[],
    sessions: Sessions<Data>,
    opened: RequestSession<Data>,
    fail: (error?: unknown) => void,
  ) {
    this.named = named;
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

type AttachedRequest = IncomingMessage & { [key: symbol]: Attached<unknown> | undefined };

/** Where a request has its session of one name. */
interface Place {
  readonly name: string;
  readonly shown: string;
  readonly key: symbol;
  /** One descriptor for all requests: separate functions would give each request a different hidden class in the engine. */
  readonly property: PropertyDescriptor;
}

const USUAL = createPlace("session");
const others = new Map<string, Place>();

function placeOf(name: string): Place {
  if (name === USUAL.name) return USUAL;
  const place = others.get(name) ?? createPlace(name);
  others.set(name, place);
  return place;
}

function createPlace(name: string): Place {
  const key = Symbol("session-bridge.attached");
  const property: PropertyDescriptor & ThisType<AttachedRequest> = {
    configurable: true,
    enumerable: true,
    get() {
      return this[key]?.opened.session;
    },
    set(value: unknown) {
      if (value === null || value === undefined) {
        throw misuse(
          `request.${name} = ${value} would log no one out. Use await request.${name}.flush() instead.`,
        );
      }
      Object.defineProperty(this, name, { value, configurable: true, enumerable: true, writable: true });
    },
  };
  return { name, shown: `request.${name}`, key, property };
}

/** What express-session sets on a request, for apps that come from it: an error that names what to write instead. */
const EXPRESS_PROPERTIES: PropertyDescriptorMap = {
  sessionID: refusing("request.sessionID is express-session's. Read request.session.sessionKey."),
  sessionStore: refusing(
    "request.sessionStore is express-session's. Use the store that you passed to fromExpressStore().",
  ),
};

function refusing(message: string): PropertyDescriptor {
  return {
    configurable: true,
    get() {
      throw misuse(message);
    },
  };
}

function attach<Data>(
  { name, key, property }: Place,
  request: AttachedRequest,
  response: ServerResponse,
  attached: Attached<Data>,
): void {
  // now, and not when the session is first used: in response.end(request.session.get("x")) the method is looked up
  // before the session
  holdResponse(response, attached);
  request[key] = attached;
  Object.defineProperty(request, name, property);
  if (attached.sessions.engine.cookie !== undefined) Object.defineProperties(request, EXPRESS_PROPERTIES);
}
