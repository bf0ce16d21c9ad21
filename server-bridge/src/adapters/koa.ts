/**
 * Sessions for Koa 3: `app.use(sessionMiddleware(sessions))`, then `ctx.session`.
 *
 * The response is held below Koa, where its final status is known: changes by outer middleware, `ctx.throw` or an error
 * handler count.
 */
import "../core/runtime.ts";
import type { IncomingMessage, ServerResponse } from "node:http";
import { toError } from "../core/errors.ts";
import type { RequestSession } from "../core/request/facts.ts";
import { openSession } from "../core/request/open-session.ts";
import type { Session, SessionShape } from "../core/session/api.ts";
import type { Sessions } from "../core/sessions.ts";
import { holdResponse, reportLine, twoSessions } from "./hold-response.ts";
import { readIncoming } from "./request-facts.ts";

/** What this adapter adds to Koa's context: `new Koa<DefaultState, SessionContext<MyData>>()`. */
export interface SessionContext<Data = SessionShape> {
  readonly session: Session<Data>;
}

/** The part of Koa's context that this adapter uses. */
export interface KoaContext {
  req: IncomingMessage;
  res: ServerResponse;
  /** The app, whose `context` is the prototype of every request's context. */
  app: { context: object };
  onerror(error: Error): void;
}

/** Koa 2 and 3 middleware. */
export type KoaSessionMiddleware = (context: KoaContext, next: () => Promise<unknown>) => Promise<unknown>;

type WithOpened = KoaContext & { [OPENED]?: RequestSession<unknown>; [SESSIONS]?: Sessions<unknown> };

const OPENED = Symbol("session-bridge.opened");
const SESSIONS = Symbol("session-bridge.sessions");

/**
 * Koa middleware that gives each request its session and stores it before the response is sent.
 *
 * If the store fails, Koa sends its own 500, or 503, through `ctx.onerror`. Used a second time for the same request, it does
 * nothing; with different sessions, it throws.
 */
export function sessionMiddleware<Data = SessionShape>(sessions: Sessions<Data>): KoaSessionMiddleware {
  return (context: WithOpened, next) => {
    if (context[SESSIONS] === sessions) return next();
    if (context[SESSIONS] !== undefined) throw twoSessions();
    context[SESSIONS] = sessions as Sessions<unknown>; // only compared
    giveSession(context.app.context);
    const opened = openSession(sessions, readIncoming(context.req));
    if (opened instanceof Promise) return opened.then((later) => attach(context, later, sessions)).then(next);
    attach(context, opened, sessions);
    return next();
  };
}

/** Defines the `ctx.session` getter once, on the app's context prototype. */
function giveSession(prototype: object): void {
  if (OPENED in prototype) return;
  Object.defineProperty(prototype, OPENED, { value: undefined, writable: true });
  Object.defineProperty(prototype, "session", {
    configurable: true,
    enumerable: true,
    get(this: WithOpened) {
      return this[OPENED]?.session;
    },
  });
}

function attach<Data>(context: WithOpened, opened: RequestSession<Data>, { log }: Sessions<Data>): void {
  holdResponse(context.res, {
    settle: (facts) => opened.close(facts),
    fail: (error) => context.onerror(toError(error)),
    report: (error) => log(reportLine(error)),
  });
  context[OPENED] = opened as RequestSession<unknown>; // returned by the getter above, to code that knows its Data
}
