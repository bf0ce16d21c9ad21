/**
 * Sessions for servers that answer a `Request` with a `Response`: `withSession` works with any of them,
 * `sessionMiddleware` with Hono 4.
 */
import "../core/runtime.ts";
import { isSessionError, unavailableResponse } from "../core/errors.ts";
import type { IncomingFacts, RequestSession, ResponseChanges } from "../core/request/facts.ts";
import { openSession } from "../core/request/open-session.ts";
import type { Session, SessionShape } from "../core/session/api.ts";
import type { Sessions } from "../core/sessions.ts";
import { createFailureLog } from "./failure-log.ts";
import {
  cookiesOf,
  type NamedSession,
  nameFailure,
  readName,
  requireApart,
  type SessionNameOptions,
} from "./session-name.ts";

export type { SessionNameOptions } from "./session-name.ts";

/** What a handler receives along with its request. */
export interface WithSession<Data = SessionShape> {
  /** The session. After `regenerate` this is a new object. */
  readonly session: Session<Data>;
}

/**
 * Wraps a handler so that each request has its session, which is stored before the server gets the response.
 *
 * If the handler throws, its error is rethrown and nothing is stored. If the store fails, the returned promise rejects.
 * If it does not answer, the response is a 503.
 *
 * For a second session, wrap what it returns again. The inner handler receives what the outer one would have, after its
 * own: `withSession(site, withSession(admin, (request, { session }, outer) => …))`.
 *
 * @example
 * const fetch = withSession(sessions, (request, { session }) => new Response(String(session.get("user_id"))));
 */
export function withSession<Data = SessionShape, Rest extends unknown[] = []>(
  sessions: Sessions<Data>,
  handle: (request: Request, given: WithSession<Data>, ...rest: Rest) => Response | Promise<Response>,
): (request: Request, ...rest: Rest) => Promise<Response> {
  const log = createFailureLog(sessions.log);
  const { cookieName, cookiePath } = sessions.settings;
  const only: Only = [
    { shown: `The session in the cookie ${cookieName} (path ${cookiePath})`, sessions, isArgument: true },
  ];
  return async (request: Request & { [NAMED]?: Names }, ...rest) => {
    const known = request[NAMED];
    try {
      request[NAMED] = join(known, only) ?? known;
      const opened = await openSession(sessions, readRequest(request));
      const response = await orAbandon(opened, () => handle(request, opened, ...rest));
      return await settle(opened, response, request[NAMED] ?? only, only);
    } catch (error) {
      if (!isSessionError(error, "unavailable")) throw error;
      log(request.method, error);
      return unavailableResponse();
    } finally {
      if (known === undefined) request[NAMED] = undefined; // it may be handled once more
    }
  };
}

/** Hono's variables: `new Hono<{ Variables: SessionVariables<MyData> }>()`. */
export type SessionVariables<Data = SessionShape, As extends string = "session"> = {
  [Name in As]: Session<Data>;
};

/** The part of Hono's context that this adapter uses. */
export interface HonoContext {
  req: { raw: Request };
  get res(): Response;
  set res(response: Response | undefined);
  get(key: string): unknown;
  set(key: string, value: unknown): void;
}

/** Hono 4 middleware. */
export type HonoSessionMiddleware = (context: HonoContext, next: () => Promise<void>) => Promise<void>;

/**
 * Hono middleware: `app.use(sessionMiddleware(sessions))`, then `c.get("session")` or `c.var.session`.
 *
 * Used a second time for the same request, it does nothing; with different sessions under the same name, it throws.
 * Under different names, a request has both: `sessionMiddleware(adminSessions, { as: "adminSession" })`.
 */
export function sessionMiddleware<Data = SessionShape>(
  sessions: Sessions<Data>,
  options: SessionNameOptions = {},
): HonoSessionMiddleware {
  const name = readName(options);
  const only: Only = [{ shown: `c.get("${name}")`, sessions }];
  return async (context, next) => {
    const all = join(context.get(NAMED_VARIABLE) as Names, only); // set below only
    if (all === null) return next();
    context.set(NAMED_VARIABLE, all);
    const opening = openSession(sessions, readRequest(context.req.raw));
    const opened = opening instanceof Promise ? await opening : opening;
    context.set(name, opened.session);
    opened.shownIn = name === "session" ? context : { set: (_, session) => context.set(name, session) };
    await orAbandon(opened, next);
    const response = context.res;
    let settled: Response | undefined;
    try {
      const settling = settle(opened, response, context.get(NAMED_VARIABLE) as Names, only);
      settled = settling instanceof Promise ? await settling : settling;
    } finally {
      // emptied first, because Hono merges the old response's headers into the new one
      if (settled !== response) context.res = undefined;
    }
    if (settled !== response) context.res = settled;
  };
}

/** The sessions of a request. The list is shared by all requests that have only one. */
type Names = readonly NamedSession[] | undefined;

const NAMED = Symbol("session-bridge.named");
/** A variable of Hono's context: another property would slow the context down. */
const NAMED_VARIABLE = "session-bridge";

/** A middleware's session, alone in a list. */
type Only = readonly [NamedSession];

/**
 * The sessions of a request with one more. Null if it has that one already. Throws `SessionError("settings")` if another
 * one has its name or cookie.
 */
function join(known: Names, only: Only): readonly NamedSession[] | null {
  if (known === undefined) return only;
  const [added] = only;
  if (known.some((one) => one.shown === added.shown && one.sessions === added.sessions)) return null;
  requireApart(known, added);
  return [...known, added];
}

function othersOf(all: Names, only: Only): readonly NamedSession[] {
  return all === undefined || all.length === 1 ? NONE : all.filter((one) => one !== only[0]);
}
const NONE: readonly NamedSession[] = [];

function readRequest(request: Request): IncomingFacts {
  const { url } = request;
  const start = url.indexOf("/", url.indexOf("://") + 3);
  const end = url.slice(start).search(/[?#]/);
  return {
    method: request.method,
    path: end === -1 ? url.slice(start) : url.slice(start, start + end),
    identity: request,
    cookieHeader: request.headers.get("cookie") ?? undefined,
    isSecure,
  };
}

const isSecure = ({ url }: Request): boolean => url.startsWith("https:");

/** Runs the handler. If it throws, the session is closed as for any 500: nothing is stored. */
async function orAbandon<Data, Result>(
  opened: RequestSession<Data>,
  handle: () => Result | Promise<Result>,
): Promise<Result> {
  try {
    return await handle();
  } catch (error) {
    await opened.close({ status: 500, vary: null, setCookie: [] });
    throw error;
  }
}

function settle<Data>(
  opened: RequestSession<Data>,
  response: Response,
  all: Names,
  only: Only,
): Response | Promise<Response> {
  // reading the headers makes some servers write them more slowly, so they are read only if they may change
  const stay = opened.idle;
  const setCookie = stay ? [] : response.headers.getSetCookie();
  const others = othersOf(all, only);
  const kept = cookiesOf(others, setCookie);
  const facts = { status: response.status, vary: stay ? null : response.headers.get("vary"), setCookie };
  const closed = opened.close(facts);
  if (!(closed instanceof Promise)) return apply(closed, response, kept);
  return closed.then(
    (later) => apply(later, response, kept),
    (error: unknown) => {
      throw others.length === 0 ? error : nameFailure(only[0].shown, error);
    },
  );
}

/** The response with the settled changes applied: the same object if its headers can be changed, otherwise a copy. */
function apply(
  { instead, vary, setCookie }: ResponseChanges,
  response: Response,
  kept: readonly string[],
): Response {
  if (instead) {
    void response.body?.cancel();
    const headers = new Headers({ "Content-Type": "text/plain; charset=utf-8" });
    for (const line of kept) headers.append("Set-Cookie", line);
    return new Response(instead.body, { status: instead.status, headers });
  }
  if (vary === null && setCookie === null) return response;
  const changeable = toChangeable(response);
  if (vary !== null) changeable.headers.set("Vary", vary);
  if (setCookie !== null) {
    changeable.headers.delete("Set-Cookie");
    for (const line of setCookie) changeable.headers.append("Set-Cookie", line);
  }
  return changeable;
}

/** Responses from `fetch` and `Response.redirect` have immutable headers; those of a copy can be changed. */
function toChangeable(response: Response): Response {
  try {
    response.headers.delete("Session-Probe");
    return response;
  } catch {
    return new Response(response.body, response);
  }
}
