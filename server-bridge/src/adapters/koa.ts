/**
 * Sessions for Koa 3: `app.use(sessionMiddleware(sessions))`, then `ctx.session`.
 *
 * The response is held below Koa, where its final status is known: what outer middleware, `ctx.throw` or an error
 * handler made of it counts.
 */
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

/** What this adapter uses of Koa's context. */
export interface KoaContext {
  req: IncomingMessage;
  res: ServerResponse;
  /** The app, whose `context` is the prototype of every request's. */
  app: { context: object };
  onerror(error: Error): void;
}

/** Middleware of Koa 2 and 3. */
export type KoaSessionMiddleware = (context: KoaContext, next: () => Promise<unknown>) => Promise<unknown>;

type WithOpened = KoaContext & { [OPENED]?: RequestSession<unknown>; [SESSIONS]?: Sessions<unknown> };

const OPENED = Symbol("session-bridge.opened");
const SESSIONS = Symbol("session-bridge.sessions");

/**
 * Koa middleware that gives each request its session and stores it before the response is sent.
 *
 * A store that fails makes Koa's own 500, through `ctx.onerror`. Used again for the same request, it does nothing; with
 * other sessions, it throws.
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

/** Puts the getter of `ctx.session` on the app's prototype of contexts, once. */
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
  context[OPENED] = opened as RequestSession<unknown>; // given out again by the getter above, to code that knows its Data
}
