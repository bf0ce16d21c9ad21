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
import { holdResponse, reportLine } from "./hold-response.ts";
import { readIncoming } from "./request-facts.ts";
import {
  type NamedSession,
  nameTaken,
  readName,
  type SessionNameOptions,
  twoSessions,
} from "./session-name.ts";

export type { SessionNameOptions } from "./session-name.ts";

/** What this adapter adds to Koa's context: `new Koa<DefaultState, SessionContext<MyData>>()`. */
export type SessionContext<Data = SessionShape, As extends string = "session"> = {
  readonly [Name in As]: Session<Data>;
};

/** The part of Koa's context that this adapter uses. */
export interface KoaContext {
  req: IncomingMessage;
  res: ServerResponse;
  /** Koa's own request. */
  request: { readonly secure: boolean };
  /** The app, whose `context` is the prototype of every request's context. */
  app: { context: object };
  onerror(error: Error): void;
}

/** Koa 2 and 3 middleware. */
export type KoaSessionMiddleware = (context: KoaContext, next: () => Promise<unknown>) => Promise<unknown>;

type WithOpened = KoaContext & { [key: symbol]: unknown };

/** Where a context has its session of one name. */
interface Place {
  readonly name: string;
  readonly shown: string;
  readonly opened: symbol;
  readonly sessions: symbol;
}

const places = new Map<string, Place>();

function placeOf(name: string): Place {
  const [opened, sessions] = [Symbol("session-bridge.opened"), Symbol("session-bridge.sessions")];
  const place = places.get(name) ?? { name, shown: `ctx.${name}`, opened, sessions };
  places.set(name, place);
  return place;
}

/**
 * Koa middleware that gives each request its session and stores it before the response is sent.
 *
 * If the store fails, Koa sends its own 500, or 503, through `ctx.onerror`. Used a second time for the same request, it does
 * nothing; with different sessions under the same name, it throws. Under different names, a request has both:
 * `sessionMiddleware(adminSessions, { as: "adminSession" })`.
 */
export function sessionMiddleware<Data = SessionShape>(
  sessions: Sessions<Data>,
  options: SessionNameOptions = {},
): KoaSessionMiddleware {
  const place = placeOf(readName(options));
  const named = [{ shown: place.shown, sessions }];
  return (given, next) => {
    const context = given as WithOpened; // what this middleware adds
    const known = context[place.sessions];
    if (known === sessions) return next();
    if (known !== undefined) throw twoSessions(place.shown);
    context[place.sessions] = sessions;
    giveSession(context.app.context, place);
    const opened = openSession(sessions, readIncoming(context.req, context.request, isSecure));
    const begin = (ready: RequestSession<Data>) => {
      hold(context, ready, sessions, named);
      context[place.opened] = ready; // returned by the getter below, to code that knows its Data
    };
    if (opened instanceof Promise) return opened.then(begin).then(next);
    begin(opened);
    return next();
  };
}

/** Koa respects its own `app.proxy`. */
const isSecure = ({ secure }: KoaContext["request"]): boolean => secure;

/** Defines the getter of `ctx.session` once, on the app's context prototype. */
function giveSession(prototype: object, { name, shown, opened }: Place): void {
  if (opened in prototype) return;
  if (name !== "session" && name in prototype) throw nameTaken(shown);
  Object.defineProperty(prototype, opened, { value: undefined, writable: true });
  Object.defineProperty(prototype, name, {
    configurable: true,
    enumerable: true,
    get(this: WithOpened) {
      const ready = this[opened] as RequestSession<unknown> | undefined; // set by the middleware only
      return ready?.session;
    },
  });
}

function hold<Data>(
  context: KoaContext,
  opened: RequestSession<Data>,
  { log }: Sessions<Data>,
  named: readonly NamedSession[],
): void {
  holdResponse(context.res, {
    named,
    settle: (facts) => opened.close(facts),
    fail: (error) => context.onerror(toError(error)),
    report: (error) => log(reportLine(error)),
  });
}
